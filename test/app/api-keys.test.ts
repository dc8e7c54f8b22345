import { expect, it } from "vitest";
import { apiKeys } from "../../src/db/schema/control.ts";
import { call, control, makeTenant } from "./support.ts";

it("a key is shown once, works by its scopes, and is gone when deleted", async () => {
  const tenant = await makeTenant("keys");
  const made = await call(tenant, "POST", "/api-keys", { name: "ci", scopes: ["read"] });
  expect(made.status).toBe(201);
  const { key, id, hint } = made.json as Record<"key" | "id" | "hint", string>;
  expect(key).toMatch(/^bt_[\w-]{32}$/);
  expect(hint).toBe(key.slice(-4));
  expect((await call(tenant, "GET", "/api-keys")).text).not.toContain(key);
  const rows = await control.select().from(apiKeys);
  expect(JSON.stringify(rows)).not.toContain(key);

  const reader = { ...tenant, key };
  expect((await call(reader, "GET", "/sources")).status).toBe(200);
  expect((await call(reader, "POST", "/sources", { slug: "nope" })).status).toBe(403);
  expect((await call(reader, "GET", "/api-keys")).status).toBe(403);
  expect((await call(tenant, "DELETE", `/api-keys/${id}`)).status).toBe(204);
  expect((await call(reader, "GET", "/sources")).status).toBe(401);
  expect((await call(tenant, "DELETE", `/api-keys/${id}`)).status).toBe(404);
});

it("a key is renamed and keeps its scopes; nothing else of it changes", async () => {
  const tenant = await makeTenant("rename");
  const made = await call(tenant, "POST", "/api-keys", { name: "ci", scopes: ["read"] });
  const { key, id } = made.json as Record<"key" | "id", string>;
  const path = `/api-keys/${id}`;
  const renamed = await call(tenant, "PATCH", path, { name: "빌드" });
  expect([renamed.status, renamed.json]).toMatchObject([
    200,
    { id, name: "빌드", scopes: ["read"] },
  ]);
  expect(renamed.text).not.toContain(key);
  const reader = { ...tenant, key };
  expect((await call(reader, "GET", "/sources")).status).toBe(200);
  expect((await call(reader, "PATCH", path, { name: "x" })).status).toBe(403);
  const refused = await call(tenant, "PATCH", path, { name: "x", scopes: ["admin"] });
  expect([refused.status, refused.json.errors]).toMatchObject([422, [{ path: "scopes" }]]);
  expect((await call(tenant, "PATCH", path, {})).status).toBe(422);
  expect((await call(tenant, "GET", "/api-keys")).text).toContain("빌드");
  await call(tenant, "DELETE", path);
  expect((await call(tenant, "PATCH", path, { name: "x" })).status).toBe(404);
});

it("the last key with scope admin cannot be deleted, also not by two deletes at once", async () => {
  const tenant = await makeTenant("last");
  const only = (await call(tenant, "GET", "/api-keys")).json.data as { id: string }[];
  expect((await call(tenant, "DELETE", `/api-keys/${only[0]?.id}`)).status).toBe(409);
  await call(tenant, "POST", "/api-keys", { name: "second", scopes: ["admin"] });
  const both = (await call(tenant, "GET", "/api-keys")).json.data as { id: string }[];
  const answers = await Promise.all(
    both.map(({ id }) => call(tenant, "DELETE", `/api-keys/${id}`)),
  );
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
});

it.each([
  ["no scope", { name: "x", scopes: [] }, "scopes"],
  ["an unknown scope", { name: "x", scopes: ["root"] }, "scopes.0"],
  ["no name", { name: "", scopes: ["read"] }, "name"],
])("%s: 422 that names the field", async (_, body, path) => {
  const tenant = await makeTenant("bad");
  const answer = await call(tenant, "POST", "/api-keys", body);
  expect(answer.status).toBe(422);
  expect(answer.json.errors).toMatchObject([{ path }]);
});
