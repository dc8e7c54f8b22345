import { beforeAll, expect, it } from "vitest";
import { call, makeTenant, type Tenant } from "./support.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await makeTenant("described", { scopes: ["write"] });
});

it("a channel says how many subscribe and where it is, in its own organization", async () => {
  const empty = await call(tenant, "GET", "/channels/described");
  expect(empty).toMatchObject({ status: 200, json: { name: "described", subscribers: 0 } });
  expect(empty.json.position).toMatch(/^[0-9a-z]+-0$/);

  const published = await call(tenant, "POST", "/channels/described/publish", { data: 1 });
  const [id] = published.json.ids as string[];
  const { json } = await call(tenant, "GET", "/channels/described");
  expect(json).toEqual({ name: "described", subscribers: 0, position: id });

  const other = await makeTenant("another", { scopes: ["read"] });
  const theirs = await call(other, "GET", "/channels/described");
  expect(theirs.json.position).not.toBe(id);
  expect(await call(tenant, "GET", "/channels/no%20name")).toMatchObject({ status: 404 });
});
