import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";

it("x", async () => {
  const r = await exports.default.fetch(new Request("http://localhost/api/v1/api-keys"));
  expect(r.status).toBe(401);
});
