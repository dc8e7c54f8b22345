import { expect, it } from "vitest";
import { call, makeTenant } from "./support.ts";

it("a destination cannot lead to a source's own hostname, whoever owns it, neither new nor changed", async () => {
  const owner = await makeTenant("owner");
  const other = await makeTenant("other");
  const source = { slug: "looping", hostnames: ["hooks.loop.example.net"] };
  expect((await call(owner, "POST", "/sources", source)).status).toBe(201);
  const destination = (url: string) => ({ name: "d", kind: "http", config: { url } });
  const loop = await call(
    other,
    "POST",
    "/destinations",
    destination("https://hooks.loop.example.net/x"),
  );
  expect(loop.status).toBe(422);
  expect(loop.json.errors).toMatchObject([{ path: "config.url" }]);
  const fine = await call(
    other,
    "POST",
    "/destinations",
    destination("https://loop.example.net/x"),
  );
  expect(fine.status).toBe(201);
  const patch = { config: { url: "https://hooks.loop.example.net/y" } };
  expect((await call(other, "PATCH", `/destinations/${fine.json.id}`, patch)).status).toBe(422);
});
