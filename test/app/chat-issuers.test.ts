import { beforeEach, describe, expect, inject, it } from "vitest";
import { createIssuer } from "../../src/chat-auth/create-issuer.ts";
import { updateIssuer } from "../../src/chat-auth/update-issuer.ts";
import { type Context, readSettings } from "../../src/context.ts";
import { newId } from "../../src/ids.ts";
import { MAX_ISSUER_ANSWER_BYTES } from "../../src/tokens/constants.ts";
import { LocalIssuer } from "./chat-auth-support.ts";
import {
  addKey,
  bindings,
  call,
  control,
  ids,
  type Json,
  makeTenant,
  type Tenant,
  wrongFields,
} from "./support.ts";

const PATH = "/chat/issuers";
const input = {
  issuer: "https://crud.example/",
  audience: "app-1",
  jwksUrl: "https://login.example.org/jwks.json",
};

// One for each test: an organization has 20 issuers at most.
let a: Tenant;
beforeEach(async () => {
  a = await makeTenant("chat-issuers");
});

describe("/api/v1/chat/issuers", () => {
  it("are registered, listed, shown, changed and deleted", async () => {
    const made = await call(a, "POST", PATH, { ...input, name: "Login" });
    const issuer = {
      ...input,
      id: expect.stringMatching(/^chi_/),
      name: "Login",
      userClaim: "sub",
      createdAt: expect.stringMatching(/Z$/),
    };
    expect([made.status, made.json]).toEqual([201, issuer]);
    const path = `${PATH}/${String(made.json.id)}`;
    expect((await call(a, "GET", path)).json).toEqual(made.json);
    expect(ids(await call(a, "GET", PATH))).toEqual([made.json.id]);
    const change = { name: "New", audience: "app-2", userClaim: "uid" };
    const changed = await call(a, "PATCH", path, change);
    expect([changed.status, changed.json]).toEqual([200, { ...made.json, ...change }]);
    expect((await call(a, "PATCH", path, {})).json).toEqual(changed.json);
    expect((await call(a, "GET", path)).json).toEqual(changed.json);
    expect((await call(a, "DELETE", path)).status).toBe(204);
    for (const method of ["GET", "DELETE"]) {
      expect((await call(a, method, path)).status).toBe(404);
    }
    expect((await call(a, "PATCH", path, change)).status).toBe(404);
  });

  it("one issuer and audience once per organization, also by a change", async () => {
    const first = await call(a, "POST", PATH, input);
    const other = await call(a, "POST", PATH, { ...input, audience: "app-2" });
    expect([first.status, first.json.name, other.status]).toEqual([201, input.issuer, 201]);
    for (const again of [
      await call(a, "POST", PATH, { ...input, name: "other" }),
      await call(a, "PATCH", `${PATH}/${String(other.json.id)}`, { audience: "app-1" }),
    ]) {
      expect([again.status, wrongFields(again), again.json.detail]).toEqual([
        409,
        ["audience"],
        expect.stringContaining(String(first.json.id)),
      ]);
    }
    const b = await makeTenant("chat-issuers-b");
    expect((await call(b, "POST", PATH, input)).status).toBe(201);
  });

  it("is made once under one Idempotency-Key", async () => {
    const headers = { "idempotency-key": "chat-issuer-1" };
    const first = await call(a, "POST", PATH, input, headers);
    const again = await call(a, "POST", PATH, input, headers);
    expect([again.status, again.json]).toEqual([201, first.json]);
    expect(ids(await call(a, "GET", PATH))).toHaveLength(1);
  });

  it("there are at most 20", async () => {
    const answers = await Promise.all(
      Array.from({ length: 21 }, (_, i) =>
        call(a, "POST", PATH, { ...input, audience: `app-${i}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    const refused = answers.find(({ status }) => status !== 201);
    expect([refused?.status, refused?.json.detail]).toEqual([
      422,
      expect.stringContaining("delete one first"),
    ]);
  });

  it("only an admin lets others in; whoever reads may see them", async () => {
    const write = { ...a, key: await addKey(a.organizationId, ["write"]) };
    const read = { ...a, key: await addKey(a.organizationId, ["read"]) };
    const path = `${PATH}/${newId("chatIssuer")}`;
    expect((await call(write, "POST", PATH, input)).status).toBe(403);
    expect((await call(write, "PATCH", path, { name: "x" })).status).toBe(403);
    expect((await call(write, "DELETE", path)).status).toBe(403);
    expect((await call(read, "GET", PATH)).status).toBe(200);
  });

  it.each<[Json, string[]]>([
    [{ issuer: "" }, ["issuer"]],
    [{ issuer: "two words" }, ["issuer"]],
    [{ issuer: "baton" }, ["issuer"]],
    [{ issuer: undefined }, ["issuer"]],
    [{ audience: undefined }, ["audience"]],
    [{ audience: "" }, ["audience"]],
    [{ audience: "a b" }, ["audience"]],
    [{ audience: "x".repeat(501) }, ["audience"]],
    [{ audience: newId("organization") }, ["audience"]],
    [{ userClaim: "" }, ["userClaim"]],
    [{ userClaim: "user name" }, ["userClaim"]],
    [{ userClaim: "x".repeat(201) }, ["userClaim"]],
    [{ name: "a\u0007b" }, ["name"]],
    [{ jwksUrl: "login.example.org" }, ["jwksUrl"]],
    [{ jwksUrl: "http://login.example.org/jwks" }, ["jwksUrl"]],
    [{ jwksUrl: "https://10.0.0.1/jwks" }, ["jwksUrl"]],
    [{ jwksUrl: "https://login.internal/jwks" }, ["jwksUrl"]],
    [{ jwksUrl: null }, ["jwksUrl"]],
    [{ algorithms: ["none"] }, ["algorithms"]],
  ])("refuses %j", async (more, fields) => {
    const answer = await call(a, "POST", PATH, { ...input, ...more });
    expect([answer.status, wrongFields(answer)]).toEqual([422, fields]);
  });

  it.each<[Json, string[]]>([
    [{ issuer: "https://other.example/" }, ["issuer"]],
    [{ audience: "" }, ["audience"]],
    [{ jwksUrl: "https://10.0.0.1/jwks" }, ["jwksUrl"]],
    [{ userClaim: null }, ["userClaim"]],
  ])("refuses the change %j", async (change, fields) => {
    const made = await call(a, "POST", PATH, input);
    const path = `${PATH}/${String(made.json.id)}`;
    const answer = await call(a, "PATCH", path, change);
    expect([answer.status, wrongFields(answer)]).toEqual([422, fields]);
    expect((await call(a, "GET", path)).json).toEqual(made.json);
  });

  it("refuses keys whose host leads inside", async () => {
    const settings = { ...readSettings(bindings), dohUrl: inject("dohUrl") };
    const { organizationId } = a;
    const context = { db: control, organizationId, settings } as unknown as Context;
    const jwksUrl = "https://private.jwks.example.org/keys";
    const inside = { code: "refused", errors: [{ path: "jwksUrl" }] };
    await expect(
      createIssuer(context, { ...input, userClaim: "sub", jwksUrl }),
    ).rejects.toMatchObject(inside);
    const { json } = await call(a, "POST", PATH, input);
    await expect(updateIssuer(context, String(json.id), { jwksUrl })).rejects.toMatchObject(inside);
  });
});

describe("an issuer's keys are looked up", () => {
  const register = (issuer: string) => call(a, "POST", PATH, { issuer, audience: "app-1" });

  it("where its configuration says they are", async () => {
    const local = await new LocalIssuer("discovered").start();
    const { status, json } = await register(local.issuer);
    expect([status, json.jwksUrl]).toEqual([201, local.keys.jwksUrl]);
  });

  it("also of an issuer that ends with a slash", async () => {
    const local = await new LocalIssuer("slash").start();
    await local.configure({ issuer: `${local.issuer}/`, jwks_uri: local.keys.jwksUrl });
    const { status, json } = await register(`${local.issuer}/`);
    expect([status, json.issuer, json.jwksUrl]).toEqual([
      201,
      `${local.issuer}/`,
      local.keys.jwksUrl,
    ]);
  });

  it.each<[string, object, RegExp]>([
    ["fails", { status: 500 }, /answered 500; give it/],
    ["is not there", { status: 404 }, /answered 404/],
    ["leads elsewhere", { status: 302, headers: { location: "https://x.example/" } }, /302/],
    ["is a page", { body: "<html>" }, /no JSON object/],
    ["is a list", { body: "[]" }, /no JSON object/],
    ["is too large", { body: "x".repeat(MAX_ISSUER_ANSWER_BYTES + 1) }, /larger than/],
    ["does not come", { delayMs: -1 }, /gave no answer/],
  ])("a configuration that %s is 422 and says what to do", async (name, script, why) => {
    const local = new LocalIssuer(`undiscovered-${name.replaceAll(" ", "-")}`);
    await local.answer(script);
    const answer = await register(local.issuer);
    expect([answer.status, wrongFields(answer), answer.json.detail]).toEqual([
      422,
      ["jwksUrl"],
      expect.stringMatching(why),
    ]);
    expect(ids(await call(a, "GET", PATH))).toEqual([]);
  });

  it.each<[string, (issuer: string) => object, string]>([
    [
      "of another issuer",
      () => ({ issuer: "https://x.example", jwks_uri: "https://x.example/k" }),
      "issuer",
    ],
    ["of nobody", () => ({ jwks_uri: "https://x.example/k" }), "issuer"],
    ["without keys", (issuer) => ({ issuer }), "jwksUrl"],
    ["with keys inside", (issuer) => ({ issuer, jwks_uri: "https://10.0.0.1/k" }), "jwksUrl"],
    ["with keys in a file", (issuer) => ({ issuer, jwks_uri: "file:///etc/passwd" }), "jwksUrl"],
    ["with a list of keys", (issuer) => ({ issuer, jwks_uri: ["https://x.example"] }), "jwksUrl"],
  ])("a configuration %s is refused", async (name, configuration, field) => {
    const local = new LocalIssuer(`odd-${name.replaceAll(" ", "-")}`);
    await local.configure(configuration(local.issuer));
    const answer = await register(local.issuer);
    expect([answer.status, wrongFields(answer)]).toEqual([422, [field]]);
  });

  it.each([
    ["my-login", "jwksUrl"],
    ["https://x.example/?tenant=1", "jwksUrl"],
    ["https://10.0.0.1", "issuer"],
    ["https://login.internal", "issuer"],
    ["http://login.example.org", "issuer"],
  ])("of %s they are not, and nothing is called", async (issuer, field) => {
    const answer = await register(issuer);
    expect([answer.status, wrongFields(answer)]).toEqual([422, [field]]);
  });
});
