import { env } from "cloudflare:workers";
import { expect, it } from "vitest";

it("a session pair is reachable by name and has Browser Rendering bound", async () => {
  const pair = (env as unknown as BrowserEnv).SESSION_PAIR.getByName("prt_demo");
  expect(await pair.describe()).toEqual({ name: "prt_demo", browser: true });
});
