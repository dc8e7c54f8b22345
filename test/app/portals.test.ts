import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { portals } from "../../src/db/schema/portals.ts";
import { openPortal } from "../../src/portals/index.ts";
import { sampleInput } from "../unit/portals/sample-definition.ts";
import { bindings, call, control, ids, makeTenant, type Tenant, wrongFields } from "./support.ts";

/*
 * Definitions, portals and credentials over the API, and what the sessions then read (`openPortal`). The browser Worker
 * beside this one is the real one.
 */

let tenant: Tenant;
beforeAll(async () => {
  tenant = await makeTenant("portals");
  await putDefinition(tenant, "shop");
});

async function putDefinition(owner: Tenant, name: string, changes: object = {}) {
  const put = await call(owner, "PUT", `/portal-definitions/${name}`, sampleInput({ ...changes }));
  expect([put.status, put.text]).toEqual([200, expect.any(String)]);
  return put;
}

async function makePortal(owner: Tenant, more: object = {}): Promise<string> {
  const body = { name: "a shop", definition: "shop", baseUrl: "https://shop.example.com", ...more };
  const made = await call(owner, "POST", "/portals", { enabled: false, ...body });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  return String(made.json.id);
}

async function rowOf(id: string) {
  return control.select().from(portals).where(eq(portals.id, id)).get();
}

const ACCOUNT = { username: "owner@shop", password: "hunter2-hunter2", phone: "+82 10-1234-5678" };

describe("definitions", () => {
  it("come back as they were put, with their defaults", async () => {
    const got = await call(tenant, "GET", "/portal-definitions/shop");
    expect([got.status, got.json]).toEqual([
      200,
      expect.objectContaining({ name: "shop", shipped: false }),
    ]);
    expect(got.json.definition).toMatchObject({
      ...sampleInput({ login: expect.anything() }),
      transport: "http",
      budget: { perHour: 3, perDay: 6 },
    });
    const listed = await call(tenant, "GET", "/portal-definitions");
    expect(listed.text).toContain('"name":"shop"');
  });

  it("are refused with every field that is wrong, and nothing is written", async () => {
    const definition = sampleInput({
      origins: ["{base}", "https://10.0.0.1"],
      health: { url: "https://elsewhere.example/" },
      headers: { "x-id": "{value.id}" },
    });
    const put = await call(tenant, "PUT", "/portal-definitions/wrong", definition);
    expect([put.status, wrongFields(put)]).toEqual([422, ["health.url", "headers.x-id"]]);
    const shape = await call(tenant, "PUT", "/portal-definitions/wrong", { ...definition, sms: 1 });
    expect([shape.status, wrongFields(shape)]).toEqual([422, ["sms"]]);
    expect((await call(tenant, "GET", "/portal-definitions/wrong")).status).toBe(404);
  });

  it.each(["https://10.0.0.1", "http://a.example.com", "https://app.internal"])(
    "do not lead to %s",
    async (origin) => {
      const put = await call(
        tenant,
        "PUT",
        "/portal-definitions/wrong",
        sampleInput({ origins: ["{base}", origin] }),
      );
      expect([put.status, wrongFields(put)]).toEqual([422, ["origins.1"]]);
    },
  );

  it("have names that are 404 when they are none", async () => {
    expect((await call(tenant, "PUT", "/portal-definitions/No%20Name", sampleInput())).status).toBe(
      404,
    );
  });

  it("stay while a portal uses them, and say which", async () => {
    await putDefinition(tenant, "used");
    const id = await makePortal(tenant, { definition: "used" });
    const refused = await call(tenant, "DELETE", "/portal-definitions/used");
    expect([refused.status, wrongFields(refused)]).toEqual([409, [`portals.${id}`]]);
    expect((await call(tenant, "DELETE", `/portals/${id}`)).status).toBe(204);
    expect((await call(tenant, "DELETE", "/portal-definitions/used")).status).toBe(204);
    expect((await call(tenant, "DELETE", "/portal-definitions/used")).status).toBe(404);
  });
});

describe("portals", () => {
  it("are made, listed in pages, changed and deleted", async () => {
    const own = await makeTenant("portals-crud");
    await putDefinition(own, "shop");
    const [first, second, third] = [
      await makePortal(own, { baseUrl: "https://shop.example.com/center/" }),
      await makePortal(own, { onDeploy: "logout" }),
      await makePortal(own),
    ];
    const page = await call(own, "GET", "/portals?limit=2");
    expect(ids(page)).toEqual([third, second]);
    const rest = await call(own, "GET", `/portals?limit=2&cursor=${String(page.json.nextCursor)}`);
    expect([ids(rest), rest.json.nextCursor]).toEqual([[first], null]);
    const got = await call(own, "GET", `/portals/${first}`);
    expect(got.json).toMatchObject({
      baseUrl: "https://shop.example.com/center",
      onDeploy: "keep",
      isDefault: true,
      credentials: null,
      credentialsState: "missing",
    });
    const changed = await call(own, "PATCH", `/portals/${first}`, {
      name: "other",
      enabled: false,
    });
    expect([changed.status, changed.json.name]).toEqual([200, "other"]);
    expect((await call(own, "DELETE", `/portals/${first}`)).status).toBe(204);
    expect((await call(own, "GET", `/portals/${first}`)).status).toBe(404);
  });

  it("one of an organization is its default", async () => {
    const own = await makeTenant("portals-default");
    await putDefinition(own, "shop");
    const first = await makePortal(own);
    const second = await makePortal(own, { isDefault: true });
    const third = await makePortal(own);
    const defaults = async () =>
      ((await call(own, "GET", "/portals")).json.data as { id: string; isDefault: boolean }[])
        .filter(({ isDefault }) => isDefault)
        .map(({ id }) => id);
    expect(await defaults()).toEqual([second]);
    await call(own, "PATCH", `/portals/${third}`, { isDefault: true });
    expect(await defaults()).toEqual([third]);
    await call(own, "PATCH", `/portals/${third}`, { isDefault: false });
    expect(await defaults()).toEqual([]);
    expect((await rowOf(first))?.isDefault).toBe(false);
  });

  it.each([
    "ftp://shop.example.com",
    "http://shop.example.com",
    "https://10.1.2.3",
    "https://me:secret@shop.example.com",
    "https://shop.example.com/?a=1",
    "shop.example.com",
    "http://localhost:8787",
  ])("are not at %s", async (baseUrl) => {
    const body = { name: "x", definition: "shop", baseUrl };
    const made = await call(tenant, "POST", "/portals", body);
    expect([made.status, wrongFields(made)]).toEqual([422, ["baseUrl"]]);
    const id = await makePortal(tenant);
    const changed = await call(tenant, "PATCH", `/portals/${id}`, { baseUrl });
    expect([changed.status, wrongFields(changed)]).toEqual([422, ["baseUrl"]]);
  });

  it("may be on this machine in a local session", async () => {
    const id = await makePortal(tenant, { baseUrl: "http://127.0.0.1:18099" });
    expect((await rowOf(id))?.baseUrl).toBe("http://127.0.0.1:18099");
  });

  it("need a definition that is there", async () => {
    const body = { name: "x", definition: "nowhere", baseUrl: "https://shop.example.com" };
    const made = await call(tenant, "POST", "/portals", body);
    expect([made.status, wrongFields(made)]).toEqual([422, ["definition"]]);
    const id = await makePortal(tenant);
    const changed = await call(tenant, "PATCH", `/portals/${id}`, { definition: "nowhere" });
    expect([changed.status, wrongFields(changed)]).toEqual([422, ["definition"]]);
  });

  it("are made once for one key", async () => {
    const own = await makeTenant("portals-keyed");
    await putDefinition(own, "shop");
    const body = {
      name: "x",
      definition: "shop",
      baseUrl: "https://a.example.com",
      enabled: false,
    };
    const make = () => call(own, "POST", "/portals", body, { "idempotency-key": "once" });
    expect((await make()).json.id).toBe((await make()).json.id);
    expect(ids(await call(own, "GET", "/portals"))).toHaveLength(1);
  });
});

describe("credentials", () => {
  it("are answered masked, kept sealed, and never returned", async () => {
    const id = await makePortal(tenant);
    const put = await call(tenant, "PUT", `/portals/${id}/credentials`, {
      ...ACCOUNT,
      extra: { branch: "branch-secret" },
    });
    const masked = {
      username: "ow********",
      password: "********",
      phone: "*******5678",
      extra: { branch: "********" },
    };
    expect([put.status, put.json]).toEqual([200, masked]);
    const got = await call(tenant, "GET", `/portals/${id}`);
    expect(got.json).toMatchObject({ credentials: masked, credentialsState: "set" });
    const row = await rowOf(id);
    expect(row?.phone).toBe("01012345678");
    for (const secret of [ACCOUNT.password, ACCOUNT.username, "branch-secret", "01012345678"]) {
      expect(row?.credentials).not.toContain(secret);
      for (const path of ["/portals", `/portals/${id}`]) {
        expect((await call(tenant, "GET", path)).text).not.toContain(secret);
      }
    }
    expect((await call(tenant, "DELETE", `/portals/${id}/credentials`)).status).toBe(204);
    expect(await rowOf(id)).toMatchObject({ credentials: null, phone: null });
  });

  it("must be what the definition types", async () => {
    const { login } = sampleInput();
    const steps = [...login.steps, { do: "fill", selector: "#b", value: "{extra.branch}" }];
    await putDefinition(tenant, "branches", { login: { ...login, steps } });
    const id = await makePortal(tenant, { definition: "branches" });
    const { phone, ...account } = ACCOUNT;
    const put = await call(tenant, "PUT", `/portals/${id}/credentials`, account);
    expect([put.status, wrongFields(put)]).toEqual([422, ["phone", "extra.branch"]]);
    const more = { ...account, phone, extra: { branch: "12" } };
    expect((await call(tenant, "PUT", `/portals/${id}/credentials`, more)).status).toBe(200);
  });

  it.each([
    [{ ...ACCOUNT, password: "********" }, "password"],
    [{ ...ACCOUNT, phone: "0".repeat(20) }, "phone"],
    [{ ...ACCOUNT, phone: "call me" }, "phone"],
    [{ ...ACCOUNT, phone: "+1 555 123 4567" }, "phone"],
    [{ ...ACCOUNT, password: "" }, "password"],
    [{ ...ACCOUNT, pin: "1" }, "pin"],
  ])("%j is refused", async (body, path) => {
    const id = await makePortal(tenant);
    const put = await call(tenant, "PUT", `/portals/${id}/credentials`, body);
    expect([put.status, wrongFields(put)]).toEqual([422, [path]]);
    expect((await rowOf(id))?.credentials).toBeNull();
  });

  it("of a lost key can be replaced", async () => {
    const id = await makePortal(tenant);
    await control.update(portals).set({ credentials: "00000000.AAAA" }).where(eq(portals.id, id));
    const got = await call(tenant, "GET", `/portals/${id}`);
    expect(got.json).toMatchObject({ credentials: null, credentialsState: "unreadable" });
    expect(await openPortal(bindings, id)).toMatchObject({
      credentials: null,
      credentialsFault: "credentials_unreadable",
    });
    await call(tenant, "PUT", `/portals/${id}/credentials`, ACCOUNT);
    expect((await call(tenant, "GET", `/portals/${id}`)).json.credentialsState).toBe("set");
  });
});

describe("what the sessions read", () => {
  it("is the resolved definition with the account", async () => {
    const id = await makePortal(tenant, { baseUrl: "https://shop.example.com/center" });
    await call(tenant, "PUT", `/portals/${id}/credentials`, ACCOUNT);
    expect(await openPortal(bindings, id)).toMatchObject({
      id,
      organizationId: tenant.organizationId,
      enabled: false,
      onDeploy: "keep",
      definition: {
        origins: ["https://shop.example.com"],
        health: { url: "https://shop.example.com/center/api/me" },
      },
      credentials: ACCOUNT,
      credentialsFault: null,
      phone: "01012345678",
    });
    expect(await openPortal(bindings, "prt_none")).toBeNull();
  });

  it("has a version that rises with every change, also of the definition", async () => {
    await putDefinition(tenant, "changing");
    const id = await makePortal(tenant, { definition: "changing" });
    const versions: number[] = [];
    const look = async () => versions.push((await openPortal(bindings, id))?.version ?? 0);
    await look();
    await call(tenant, "PATCH", `/portals/${id}`, { name: "b" });
    await look();
    await call(tenant, "PUT", `/portals/${id}/credentials`, ACCOUNT);
    await look();
    // Far in the future, as after a clock that was wrong.
    await control
      .update(portals)
      .set({ updatedAt: Date.now() + 60_000 })
      .where(eq(portals.id, id));
    await look();
    await call(tenant, "PATCH", `/portals/${id}`, { name: "c" });
    await look();
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
  });

  it("is not half an account: what the definition has come to type must be there", async () => {
    const id = await makePortal(tenant);
    await call(tenant, "PUT", `/portals/${id}/credentials`, ACCOUNT);
    await call(tenant, "PATCH", `/portals/${id}`, { definition: "branches" });
    expect(await openPortal(bindings, id)).toMatchObject({
      credentials: null,
      credentialsFault: "credentials_missing",
    });
  });

  it.each([
    ["another base URL", { baseUrl: "https://evil.example.com" }],
    ["another port", { baseUrl: "https://shop.example.com:8443" }],
    ["a definition with one origin more", { definition: "wider" }],
  ])("is no account at an origin that it was not set for: %s", async (_, patch) => {
    await putDefinition(tenant, "wider", { origins: ["{base}", "https://evil.example.com"] });
    const id = await makePortal(tenant);
    await call(tenant, "PUT", `/portals/${id}/credentials`, ACCOUNT);
    const changed = await call(tenant, "PATCH", `/portals/${id}`, patch);
    expect([changed.status, changed.json.credentialsState]).toEqual([200, "elsewhere"]);
    expect(await openPortal(bindings, id)).toMatchObject({
      credentials: null,
      credentialsFault: "credentials_missing",
      hasAccount: false,
    });
    const listed = (await call(tenant, "GET", "/portals")).json.data as Record<string, unknown>[];
    expect(listed.find((portal) => portal.id === id)?.credentialsState).toBe("elsewhere");
    await call(tenant, "PUT", `/portals/${id}/credentials`, ACCOUNT);
    expect(await openPortal(bindings, id)).toMatchObject({
      credentials: ACCOUNT,
      hasAccount: true,
    });
    expect((await call(tenant, "GET", `/portals/${id}`)).json.credentialsState).toBe("set");
  });

  it("is no account either when its definition has come to allow another origin", async () => {
    await putDefinition(tenant, "widening");
    const id = await makePortal(tenant, { definition: "widening" });
    await call(tenant, "PUT", `/portals/${id}/credentials`, ACCOUNT);
    await putDefinition(tenant, "widening", { origins: ["{base}", "https://evil.example.com"] });
    expect(await openPortal(bindings, id)).toMatchObject({ credentials: null, hasAccount: false });
    // Back where they belong.
    await putDefinition(tenant, "widening");
    expect(await openPortal(bindings, id)).toMatchObject({
      credentials: ACCOUNT,
      hasAccount: true,
    });
  });

  it("is the same account below another path, and with fewer origins", async () => {
    const id = await makePortal(tenant, { definition: "wider" });
    await call(tenant, "PUT", `/portals/${id}/credentials`, ACCOUNT);
    const patch = { definition: "shop", baseUrl: "https://shop.example.com/center" };
    const changed = await call(tenant, "PATCH", `/portals/${id}`, patch);
    expect(changed.json.credentialsState).toBe("set");
    expect(await openPortal(bindings, id)).toMatchObject({ credentials: ACCOUNT });
  });

  it("has no definition when the stored one is none any more", async () => {
    const id = await makePortal(tenant);
    await control.update(portals).set({ definition: "gone" }).where(eq(portals.id, id));
    expect(await openPortal(bindings, id)).toMatchObject({ definition: null });
  });
});

describe("the operator's default portal takes its account from variables", () => {
  const VARIABLES = {
    PORTAL_USERNAME: "env-user",
    PORTAL_PASSWORD: "env-password",
    PORTAL_PHONE: "010-9999-0000",
  };
  const asVariables = { username: "env-user", password: "env-password", phone: "010-9999-0000" };

  it("when it has none of its own, by either name", async () => {
    const operator = await makeTenant("portals-operator", { isOperator: true });
    await putDefinition(operator, "shop");
    const id = await makePortal(operator);
    expect(await openPortal({ ...bindings, ...VARIABLES }, id)).toMatchObject({
      credentials: asVariables,
      credentialsFault: null,
      phone: "01099990000",
    });
    const older = Object.fromEntries(
      Object.entries(VARIABLES).map(([name, value]) => [name.replace("PORTAL", "BAEMIN"), value]),
    );
    expect((await openPortal({ ...bindings, ...older }, id))?.credentials).toEqual(asVariables);
    await call(operator, "PUT", `/portals/${id}/credentials`, ACCOUNT);
    expect((await openPortal({ ...bindings, ...VARIABLES }, id))?.credentials).toEqual(ACCOUNT);
  });

  it("at the origins that a variable names, when it does", async () => {
    const operator = await makeTenant("portals-operator-3", { isOperator: true });
    await putDefinition(operator, "shop");
    const id = await makePortal(operator);
    const there = { ...bindings, ...VARIABLES, PORTAL_ORIGINS: "https://shop.example.com" };
    expect(await openPortal(there, id)).toMatchObject({ credentials: asVariables });
    await call(operator, "PATCH", `/portals/${id}`, { baseUrl: "https://evil.example.com" });
    expect(await openPortal(there, id)).toMatchObject({ credentials: null, hasAccount: false });
  });

  it("and nobody else's does", async () => {
    const operator = await makeTenant("portals-operator-2", { isOperator: true });
    await putDefinition(operator, "shop");
    const [first, second] = [await makePortal(operator), await makePortal(operator)];
    await call(operator, "PATCH", `/portals/${second}`, { isDefault: true });
    for (const id of [first, await makePortal(tenant, { isDefault: true })]) {
      expect(await openPortal({ ...bindings, ...VARIABLES }, id)).toMatchObject({
        credentials: null,
        credentialsFault: "credentials_missing",
      });
    }
  });
});
