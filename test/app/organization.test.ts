import { beforeAll, describe, expect, it } from "vitest";
import { inSeconds, Provider, visit } from "./channel-support.ts";
import {
  addKey,
  call,
  fetchApp,
  type Json,
  makeTenant,
  type Tenant,
  wrongFields,
} from "./support.ts";

const PAGE = "https://shop.example.org";
const OTHER = "https://evil.example.net";

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("organization");
  await call(a, "PATCH", "/organization", { allowedOrigins: [PAGE] });
});

describe("/api/v1/organization", () => {
  it("is shown, and changed by an admin; what is left out stays", async () => {
    const b = await makeTenant("organization-b");
    const { json } = await call(b, "GET", "/organization");
    expect(json).toEqual({
      id: b.organizationId,
      name: "organization-b",
      allowedOrigins: [],
      createdAt: expect.stringMatching(/Z$/),
    });
    const origins = [PAGE, "http://localhost:3000", PAGE];
    const changed = await call(b, "PATCH", "/organization", { allowedOrigins: origins });
    expect([changed.status, changed.json]).toEqual([
      200,
      { ...json, allowedOrigins: [PAGE, "http://localhost:3000"] },
    ]);
    const renamed = await call(b, "PATCH", "/organization", { name: "renamed" });
    expect(renamed.json).toEqual({ ...changed.json, name: "renamed" });
    expect((await call(b, "PATCH", "/organization", {})).json).toEqual(renamed.json);
    const emptied = await call(b, "PATCH", "/organization", { allowedOrigins: [] });
    expect(emptied.json.allowedOrigins).toEqual([]);
    const write = { ...b, key: await addKey(b.organizationId, ["write"]) };
    expect((await call(write, "PATCH", "/organization", { name: "x" })).status).toBe(403);
    expect((await call(write, "GET", "/organization")).status).toBe(200);
  });

  it.each<[Json, string]>([
    [{ allowedOrigins: [`${PAGE}/`] }, "allowedOrigins.0"],
    [{ allowedOrigins: [PAGE, "*"] }, "allowedOrigins.1"],
    [{ allowedOrigins: ["null"] }, "allowedOrigins.0"],
    [{ allowedOrigins: [7] }, "allowedOrigins.0"],
    [{ allowedOrigins: PAGE }, "allowedOrigins"],
    [
      { allowedOrigins: Array.from({ length: 51 }, (_, i) => `https://${i}.example`) },
      "allowedOrigins",
    ],
    [{ name: " " }, "name"],
    [{ id: "org_x" }, "id"],
    [{ isOperator: true }, "isOperator"],
  ])("refuses %j", async (body, field) => {
    const answer = await call(a, "PATCH", "/organization", body);
    expect([answer.status, wrongFields(answer)]).toEqual([422, [field]]);
  });
});

/** Who may read an answer, as a browser sees it. */
function corsOf(response: Response) {
  return {
    status: response.status,
    allowed: response.headers.get("access-control-allow-origin"),
    varies: response.headers.get("vary")?.includes("origin") ?? false,
  };
}

describe("pages of other origins on channels", () => {
  const visitFrom = (origin: string, more: Record<string, string> = {}, path = "orders.a/poll") =>
    visit(path, { headers: { origin, authorization: `Bearer ${a.key}`, ...more } });

  it("may ask whether they may ask", async () => {
    for (const app of [
      visit,
      (path: string, init: RequestInit) => fetchApp(`/api/v1/channels/${path}`, init),
    ]) {
      const response = await app("orders.a/publish", {
        method: "OPTIONS",
        headers: {
          origin: OTHER,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization, content-type, idempotency-key",
        },
      });
      expect(corsOf(response)).toEqual({ status: 204, allowed: OTHER, varies: true });
      expect(response.headers.get("access-control-allow-methods")).toContain("POST");
      const headers = response.headers.get("access-control-allow-headers") ?? "";
      for (const name of ["authorization", "content-type", "idempotency-key", "last-event-id"]) {
        expect(headers.split(", ")).toContain(name);
      }
      expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    }
    // A preflight elsewhere is answered as ever, and an OPTIONS that is none is no way in.
    const preflight = { origin: PAGE, "access-control-request-method": "GET" };
    const elsewhere = await fetchApp("/api/v1/sources", { method: "OPTIONS", headers: preflight });
    expect(corsOf(elsewhere)).toMatchObject({ status: 401, allowed: null });
    expect((await visit("orders.a/poll", { method: "OPTIONS" })).status).toBe(401);
  });

  it("read the answers when the organization allows them, refusals too", async () => {
    expect(corsOf(await visitFrom(PAGE))).toEqual({ status: 200, allowed: PAGE, varies: true });
    expect(corsOf(await visitFrom(OTHER))).toEqual({ status: 200, allowed: null, varies: true });
    expect(corsOf(await visitFrom(`${PAGE}:8443`))).toMatchObject({ allowed: null });
    expect(corsOf(await visitFrom("null"))).toMatchObject({ allowed: null });
    expect(corsOf(await visit("orders.a/poll"))).toMatchObject({ allowed: null, varies: true });
    const b = await makeTenant("organization-c");
    const asB = { authorization: `Bearer ${b.key}` };
    expect(corsOf(await visitFrom(PAGE, asB))).toMatchObject({ status: 200, allowed: null });

    const tokenOf = async (subscribe: string[]) => {
      const { json } = await call(a, "POST", "/channel-tokens", { subscribe });
      return { authorization: `Bearer ${String(json.token)}` };
    };
    const narrow = await tokenOf(["invoices"]);
    expect(corsOf(await visitFrom(PAGE, narrow))).toEqual({
      status: 403,
      allowed: PAGE,
      varies: true,
    });
    expect(corsOf(await visitFrom(OTHER, narrow))).toMatchObject({ status: 403, allowed: null });
  });

  it("read why their token was refused", async () => {
    const provider = new Provider("cors");
    await provider.addKey();
    await provider.publish();
    await provider.register(a);
    const token = await provider.sign(a, { exp: inSeconds(-60) });
    for (const path of ["orders.a/poll", `orders.a/sse?token=${token}`]) {
      const headers = path.includes("?")
        ? { authorization: "" }
        : { authorization: `Bearer ${token}` };
      expect(corsOf(await visitFrom(PAGE, headers, path))).toEqual({
        status: 401,
        allowed: PAGE,
        varies: true,
      });
      expect(corsOf(await visitFrom(OTHER, headers, path))).toMatchObject({
        status: 401,
        allowed: null,
      });
    }
    const unknown = { authorization: "Bearer bt_unknown" };
    expect(corsOf(await visitFrom(PAGE, unknown))).toMatchObject({ status: 401, allowed: null });
  });

  it("open a WebSocket only when they are allowed, ours always, and programs too", async () => {
    const upgrade = (headers: Record<string, string>) =>
      visit(`orders.a/ws?token=${a.key}`, { headers: { upgrade: "websocket", ...headers } });
    for (const headers of [{}, { origin: PAGE }, { origin: "http://localhost:8787" }] as Record<
      string,
      string
    >[]) {
      const response = await upgrade(headers);
      expect([headers, response.status]).toEqual([headers, 101]);
      const socket = response.webSocket;
      const first = new Promise((resolve) => {
        socket?.addEventListener("message", ({ data }) => resolve(data), { once: true });
      });
      socket?.accept();
      expect(JSON.parse(String(await first))).toMatchObject({ organizationId: a.organizationId });
      socket?.close();
    }
    for (const origin of [OTHER, "null", "http://localhost:3000"]) {
      const response = await upgrade({ origin });
      expect([origin, response.status]).toEqual([origin, 403]);
      expect(await response.text()).toContain("allowedOrigins");
    }
  });

  it("never open one with the page's cookie", async () => {
    const cookie = `baton_page=${await addKey(a.organizationId, ["read"])}`;
    const origin = "http://localhost:3000";
    const headers = { upgrade: "websocket", cookie, origin };
    expect((await visit("orders.a/ws", { headers })).status).toBe(403);
  });
});
