import { beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { sampleInput } from "../unit/portals/sample-definition.ts";
import {
  type Answer,
  call,
  fetchApp,
  type Json,
  makeTenant,
  type Tenant,
  wrongFields,
} from "./support.ts";

/*
 * The pair's surface over HTTP, with the shipped object behind it (test/app/browser-worker.ts): its states, requests
 * through it, evidence, and what is answered when it cannot be reached.
 */

let tenant: Tenant;
beforeAll(async () => {
  tenant = await makeTenant("portal-sessions");
});

const { code: _, ...login } = sampleInput().login;

/** A portal of a site that asks for no code. It is logged in when it comes back, unless its user is `refused`. */
async function makePortal(owner: Tenant, username = "kim", more: object = {}): Promise<string> {
  await call(owner, "PUT", "/portal-definitions/plain", sampleInput({ login }));
  const body = { name: "x", definition: "plain", baseUrl: "https://site.example.com", ...more };
  const made = await call(owner, "POST", "/portals", { ...body, enabled: false });
  const id = String(made.json.id);
  const account = { username, password: "canary-password" };
  expect((await call(owner, "PUT", `/portals/${id}/credentials`, account)).status).toBe(200);
  expect((await call(owner, "POST", `/portals/${id}/session-pair/start`)).status).toBe(202);
  await settled(owner, id);
  return id;
}

const statusOf = (owner: Tenant, id: string) =>
  call(owner, "GET", `/portals/${id}/session-pair/status`);

/** Waits until the primary is ready, or a hold says that none will be. */
async function settled(owner: Tenant, id: string): Promise<Json> {
  let status: Json = {};
  await waitFor(
    async () => {
      status = (await statusOf(owner, id)).json;
      return status.hold !== null || (status.primary as Json | null)?.state === "ready";
    },
    { what: "the login's end", explain: () => JSON.stringify(status) },
  );
  return status;
}

const send = (owner: Tenant, id: string, body: object): Promise<Answer> =>
  call(owner, "POST", `/portals/${id}/request`, body);

const SLOT = {
  slot: expect.stringMatching(/^[AB]$/),
  sessionId: expect.stringMatching(/./),
  state: "ready",
  readyAt: expect.stringMatching(/^\d{4}-.*Z$/),
  lastProbeAt: expect.toSatisfy((at) => at === null || String(at).endsWith("Z")),
  lastVerdict: expect.toSatisfy((verdict) => verdict === null || verdict === "in"),
};

describe("the pair", () => {
  it("is told at both addresses; the fixed one has these fields and no others", async () => {
    const own = await makeTenant("pair-status");
    const id = await makePortal(own);
    const fixed = await call(own, "GET", "/relay/dual-session/status");
    expect([fixed.status, fixed.json]).toEqual([
      200,
      { running: true, epoch: expect.any(Number), primary: SLOT, backup: null },
    ]);
    const own_ = await statusOf(own, id);
    expect(own_.json).toMatchObject({
      ...fixed.json,
      hold: null,
      mode: "pair",
      budget: { hour: 2, day: 5 },
    });
    const { slot, sessionId } = fixed.json.primary as Json;
    const active = { slot, sessionId, epoch: fixed.json.epoch };
    for (const path of ["/relay/dual-session/active", `/portals/${id}/session-pair/active`]) {
      expect([(await call(own, "GET", path)).json, path]).toEqual([active, path]);
    }
  });

  it("starts once, fails over when the backup is ready, and stops", async () => {
    const own = await makeTenant("pair-life");
    const id = await makePortal(own);
    const relay = (method: string, what: string) =>
      call(own, method, `/relay/dual-session/${what}`);
    const before = await relay("POST", "start");
    expect(before.status).toBe(202);
    expect((await relay("POST", "start")).json).toEqual(before.json);
    const early = await relay("POST", "failover");
    expect([early.status, early.json.title]).toEqual([409, "Conflict"]);

    await send(own, id, { method: "GET", path: "/waits-for-backup" });
    const both = () => statusOf(own, id).then(({ json }) => json.backup as Json | null);
    await waitFor(async () => (await both())?.state === "ready", { what: "the backup" });
    const pair = (await relay("GET", "status")).json;
    const after = await relay("POST", "failover");
    expect(after.status).toBe(200);
    expect(after.json).toMatchObject({
      epoch: Number(pair.epoch) + 1,
      primary: { sessionId: (pair.backup as Json).sessionId },
    });

    const stopped = await relay("POST", "stop");
    expect([stopped.status, stopped.json.running]).toEqual([200, false]);
    expect((await call(own, "GET", `/portals/${id}`)).json.enabled).toBe(false);
    const active = await relay("GET", "active");
    expect([active.status, active.json.reason]).toEqual([503, "stopped"]);
    expect(active.headers.get("retry-after")).toMatch(/^\d+$/);
    await relay("POST", "start");
    expect((await call(own, "GET", `/portals/${id}`)).json.enabled).toBe(true);
    expect((await relay("GET", "status")).json.running).toBe(true);
  });

  it("starts and stops with `enabled`", async () => {
    const id = await makePortal(tenant);
    await call(tenant, "PATCH", `/portals/${id}`, { enabled: false });
    expect((await statusOf(tenant, id)).json).toMatchObject({
      running: false,
      primary: { state: "empty" },
    });
    await call(tenant, "PATCH", `/portals/${id}`, { enabled: true });
    expect(await settled(tenant, id)).toMatchObject({ running: true, hold: null });
  });

  it("an organization without a default portal is told so", async () => {
    const none = await makeTenant("pair-none");
    for (const [method, what] of [
      ["GET", "status"],
      ["GET", "active"],
      ["POST", "start"],
      ["POST", "failover"],
      ["POST", "stop"],
    ] as const) {
      const answer = await call(none, method, `/relay/dual-session/${what}`);
      expect([what, answer.status]).toEqual([what, 404]);
    }
  });

  it("needs a key, and one that may", async () => {
    expect((await fetchApp("/relay/dual-session/status")).status).toBe(401);
    const reader = await makeTenant("pair-reader", { scopes: ["read"] });
    expect((await call(reader, "POST", "/relay/dual-session/start")).status).toBe(403);
  });
});

describe("a request", () => {
  it("is answered by the session, without its cookies", async () => {
    const id = await makePortal(tenant);
    const got = await send(tenant, id, {
      method: "POST",
      path: "/orders?page=2",
      headers: { "X-Page": "2" },
      body: "한글",
      idempotencyKey: "once",
    });
    expect([got.status, got.json]).toEqual([
      200,
      {
        status: 200,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          path: "/orders",
          method: "POST",
          headers: { "x-page": "2", "idempotency-key": "once" },
          body: "한글",
        }),
        servedBy: { slot: expect.stringMatching(/[AB]/), epoch: expect.any(Number) },
      },
    ]);
    const picture = await send(tenant, id, { method: "GET", path: "/picture" });
    expect(picture.json.bodyBase64).toBe("/wAB");
    expect(picture.json).not.toHaveProperty("body");
  });

  it("is refused by its field, and then nothing is sent", async () => {
    const id = await makePortal(tenant);
    const count = async () =>
      (await call(tenant, "GET", `/portals/${id}/session-pair/metrics`)).json.requests;
    const before = await count();
    for (const [body, path] of [
      [{ method: "GET", url: "https://elsewhere.example/" }, "url"],
      [{ method: "GET", path: "/", headers: { cookie: "a=b" } }, "headers.cookie"],
      [{ method: "GET", path: "/", headers: { connection: "close" } }, "headers.connection"],
      [{ method: "GET", path: "/", waitMs: 60_001 }, "waitMs"],
      [{ method: "GET" }, "url"],
    ] as const) {
      const answer = await send(tenant, id, body);
      expect([answer.status, wrongFields(answer)]).toEqual([422, [path]]);
    }
    expect(await count()).toBe(before);
  });

  it("is 503 with its reason when nobody is logged in, and 503 when the object fails", async () => {
    const held = await makePortal(tenant, "refused");
    const answer = await send(tenant, held, { method: "GET", path: "/", waitMs: 0 });
    expect([answer.status, answer.json]).toEqual([
      503,
      expect.objectContaining({ reason: "wrong_password", sent: false, status: 503 }),
    ]);
    expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    const id = await makePortal(tenant);
    const failed = await send(tenant, id, { method: "GET", path: "/fails" });
    expect([failed.status, failed.headers.get("retry-after")]).toEqual([503, expect.any(String)]);
    expect(failed.text).not.toContain("canary");
  });
});

describe("what a person looks at", () => {
  it("is why no login is made, with a picture; another password ends it by itself", async () => {
    const id = await makePortal(tenant, "refused");
    const status = await settled(tenant, id);
    expect(status.hold).toMatchObject({
      reason: "wrong_password",
      text: expect.stringContaining("password"),
      until: null,
      evidenceId: expect.any(String),
    });
    const { evidenceId } = status.hold as Json;
    const path = `/portals/${id}/session-pair/evidence/${String(evidenceId)}`;
    const evidence = await call(tenant, "GET", path);
    expect(evidence.json).toMatchObject({
      id: evidenceId,
      reason: "wrong_password",
      steps: [{ step: "1 goto", ms: 12, ok: true }],
      screenshotUrl: `/api/v1${path}/screenshot`,
    });
    const picture = await fetchApp(String(evidence.json.screenshotUrl), {
      headers: { authorization: `Bearer ${tenant.key}` },
    });
    expect([...new Uint8Array(await picture.arrayBuffer())]).toEqual([0xff, 0xd8, 1, 2]);
    expect(Object.fromEntries(picture.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    const none = `/portals/${id}/session-pair/evidence/none`;
    expect((await call(tenant, "GET", none)).status).toBe(404);
    expect((await call(tenant, "GET", `${none}/screenshot`)).status).toBe(404);
    const account = { username: "lee", password: "another" };
    await call(tenant, "PUT", `/portals/${id}/credentials`, account);
    await waitFor(async () => (await settled(tenant, id)).hold === null, { what: "the login" });
  });

  it("`resume` ends a hold", async () => {
    const id = await makePortal(tenant, "refused");
    const before = (await settled(tenant, id)).hold as Json;
    const resumed = await call(tenant, "POST", `/portals/${id}/session-pair/resume`);
    expect([resumed.status, resumed.json.hold]).toEqual([200, null]);
    expect(((await settled(tenant, id)).hold as Json).since).not.toBe(before.since);
  });

  it("the audit comes in pages, newest first, and metrics count", async () => {
    const id = await makePortal(tenant);
    const path = `/portals/${id}/session-pair`;
    const all = (await call(tenant, "GET", `${path}/audit`)).json.data as {
      id: number;
      at: string;
    }[];
    expect(all.length).toBeGreaterThan(2);
    expect(all[0]?.at).toMatch(/Z$/);
    const seen: number[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page = await call(
        tenant,
        "GET",
        `${path}/audit?limit=2${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...(page.json.data as { id: number }[]).map((entry) => entry.id));
      cursor = page.json.nextCursor as string | null;
    }
    expect(seen).toEqual(all.map((entry) => entry.id));
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
    expect((await call(tenant, "GET", `${path}/audit?cursor=eHg`)).status).toBe(400);
    const metrics = await call(tenant, "GET", `${path}/metrics`);
    expect(metrics.json).toMatchObject({
      logins: { in: 1 },
      requestsFailedByAuth: 0,
      budget: { hour: 2, day: 5 },
    });
    const told = (await call(tenant, "GET", `${path}/audit`)).text + metrics.text;
    expect(told).not.toContain("canary");
  });
});

describe("deleting a portal", () => {
  it("forgets its sessions first: when that fails it is there, disabled, and can be deleted again", async () => {
    const id = await makePortal(tenant);
    await send(tenant, id, { method: "GET", path: "/fails-to-forget" });
    expect((await call(tenant, "DELETE", `/portals/${id}`)).status).toBe(503);
    expect((await call(tenant, "GET", `/portals/${id}`)).json.enabled).toBe(false);
    expect((await call(tenant, "DELETE", `/portals/${id}`)).status).toBe(204);
    expect((await statusOf(tenant, id)).status).toBe(404);
  });
});
