import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { makePair } from "./make-pair.ts";

const HOUR = 3_600_000;
const DAY_BUDGET = { budget: { perHour: 10, perDay: 48 } };

describe("rotation", () => {
  it("swaps roles before the primary's end, sessions take turns, and no request meets an expiry", async () => {
    const pair = await makePair({
      session: { lifeSeconds: 8 * 3600 },
      health: { url: "http://site.test/health", everySeconds: 900 },
    });
    await pair.ready();
    // The site ends sessions exactly when it says.
    const ends = new Map<string, number>();
    for (let minutes = 0; minutes < 48 * 60; minutes += 20) {
      for (const sid of pair.site.sessions.keys()) {
        const end = ends.get(sid) ?? pair.clock.now + 8 * HOUR;
        ends.set(sid, end);
        if (pair.clock.now >= end) pair.site.end(sid);
      }
      expect(await pair.get("/x")).toMatchObject({ kind: "answered", status: 200 });
      await pair.pass(1_200_000);
    }
    const metrics = await pair.stub.metrics();
    expect(metrics).toMatchObject({ requestsFailedByAuth: 0, failovers: 0 });
    // 48 h at 8 h of life, twice, and the one that sets them apart.
    expect(pair.browser.begun.length).toBeLessThanOrEqual(13);
    const state = await pair.state();
    const ages = [state?.slots.A.session, state?.slots.B.session].map(
      (session) => (pair.clock.now - (session?.readyAt ?? 0)) / (8 * HOUR),
    );
    expect(Math.abs((ages[0] ?? 0) - (ages[1] ?? 0))).toBeGreaterThan(0.3);
    const promoted = (await pair.stub.audit(null, 200)).filter(({ what }) => what === "promoted");
    expect(promoted.length).toBeGreaterThan(5);
    expect(new Set(promoted.slice(0, 5).map(({ fields }) => fields.cause))).toEqual(
      new Set(["rotation"]),
    );
  }, 60_000);

  it("a backup whose refresh fails keeps its session", async () => {
    const pair = await makePair({ session: { lifeSeconds: 8 * 3600 } });
    await pair.ready();
    pair.browser.nextFailure = "captcha";
    await pair.pass(5 * HOUR);
    expect(pair.browser.begun).toHaveLength(3);
    expect(await pair.stub.status()).toMatchObject({
      primary: { slot: "A", state: "ready" },
      backup: { slot: "B", state: "ready", lastVerdict: "in" },
      hold: { reason: "captcha" },
    });
  });

  it("a guess of the end costs no login: a session that lives on is kept", async () => {
    const pair = await makePair(DAY_BUDGET);
    await pair.ready();
    for (let n = 0; n < 8; n++) {
      await pair.pass(HOUR);
      const [sid = ""] = [...pair.site.sessions].find(([, alive]) => alive) ?? [];
      pair.site.end(sid);
      await pair.pass(120_000);
    }
    const learned = pair.browser.begun.length;
    await pair.pass(10 * HOUR);
    expect((await pair.state())?.slots.A.session?.expiresAt).toBeLessThan(pair.clock.now - HOUR);
    // One at most, so that the two do not end together.
    expect(pair.browser.begun.length).toBeLessThanOrEqual(learned + 1);
    expect(await pair.stub.status()).toMatchObject({
      primary: { state: "ready", lastVerdict: "in" },
      backup: { state: "ready", lastVerdict: "in" },
    });
  });

  it("looks when a session is expected to end, however rarely it is probed", async () => {
    const pair = await makePair({
      session: { lifeSeconds: 1800, onePerAccount: "yes" },
      health: { url: "http://site.test/health", everySeconds: 3600 },
    });
    await pair.ready();
    pair.site.endAll();
    await pair.pass(HOUR / 2 + 60_000);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
    expect(pair.browser.begun).toHaveLength(2);
  });

  it("learns how long sessions live", async () => {
    const pair = await makePair(DAY_BUDGET);
    await pair.ready();
    for (let n = 0; n < 8; n++) {
      await pair.pass(HOUR);
      const [sid = ""] = [...pair.site.sessions].find(([, alive]) => alive) ?? [];
      pair.site.end(sid);
      await pair.pass(120_000);
    }
    const state = await pair.state();
    expect(state?.lives.length).toBeGreaterThanOrEqual(5);
    const session = state?.slots.A.session;
    expect((session?.expiresAt ?? 0) - (session?.readyAt ?? 0)).toBeGreaterThan(0.9 * HOUR);
  });
});

describe("a site with one session per account", () => {
  it("is found out by the second login: warm standby from then on", async () => {
    const pair = await makePair(DAY_BUDGET);
    pair.site.oneSession = true;
    await pair.ready();
    await pair.pass(HOUR);
    expect(pair.browser.begun).toHaveLength(2);
    expect(await pair.stub.status()).toMatchObject({
      mode: "warm_standby",
      primary: { slot: "B", state: "ready" },
      backup: { slot: "A", state: "expired" },
    });
    pair.site.endAll();
    expect(await pair.get("/x", { waitMs: 60_000 })).toMatchObject({ status: 200 });
    await pair.pass(HOUR);
    expect(pair.browser.begun).toHaveLength(3);
  });

  it("is told by the definition: the second is never logged in", async () => {
    const pair = await makePair({ session: { onePerAccount: "yes" } });
    await pair.ready();
    await pair.pass(HOUR);
    expect(pair.browser.begun).toHaveLength(1);
    expect(await pair.stub.status()).toMatchObject({ mode: "warm_standby" });
  });

  it("the next login brings the device's cookies along", async () => {
    const pair = await makePair({
      session: { onePerAccount: "yes", deviceCookies: ["device"] },
    });
    await pair.ready();
    const [sid] = pair.site.sessions.keys();
    pair.site.endAll();
    await pair.get("/x", { waitMs: 60_000 });
    expect(pair.browser.devices).toEqual([null, sid]);
  });
});

describe("restart and deploy", () => {
  it("an eviction needs no login, and the alarm goes on", async () => {
    const pair = await makePair();
    await pair.ready();
    for (let n = 0; n < 5; n++) {
      await pair.evict();
      await pair.pass(HOUR);
      expect(await pair.get("/x")).toMatchObject({ status: 200 });
    }
    expect(pair.browser.begun).toHaveLength(2);
  });

  it("tick sets a lost alarm again, and probes what was not probed", async () => {
    const pair = await makePair();
    await pair.ready();
    await runInDurableObject(pair.stub, (_, { storage }) => storage.deleteAlarm());
    pair.clock.now += 120_000;
    pair.site.asked.length = 0;
    await pair.stub.tick();
    expect(pair.site.asked).toEqual(["GET /health", "GET /health"]);
    expect(await pair.alarmAt()).toBe(pair.clock.now + 60_000);
  });

  it("tick starts the pair of an enabled portal, and stops a disabled one's", async () => {
    const pair = await makePair();
    expect(await pair.stub.tick()).toMatchObject({ running: true });
    await pair.pass(31_000);
    pair.portal.enabled = false;
    expect(await pair.stub.tick()).toMatchObject({ running: false });
    expect(pair.site.alive).toBe(0);
    expect(await pair.alarmAt()).toBeNull();
  });

  it("keep: another version probes both sessions and logs nobody in", async () => {
    const pair = await makePair();
    await pair.ready();
    pair.parts.version = "v2";
    pair.site.asked.length = 0;
    await pair.stub.tick();
    expect(pair.site.asked).toEqual(["GET /health", "GET /health"]);
    await pair.pass(HOUR);
    expect(pair.browser.begun).toHaveLength(2);
    expect((await pair.state())?.version).toBe("v2");
  });

  it("logout: another version logs both out, and in again", async () => {
    const pair = await makePair(DAY_BUDGET);
    pair.portal.onDeploy = "logout";
    await pair.ready();
    pair.parts.version = "v2";
    pair.site.asked.length = 0;
    await pair.stub.tick();
    await pair.pass(0);
    expect(pair.site.asked.filter((path) => path === "POST /logout")).toHaveLength(2);
    await pair.pass(31_000);
    expect(pair.browser.begun).toHaveLength(4);
    expect(pair.site.alive).toBe(2);
    expect(await pair.stub.status()).toMatchObject({
      primary: { state: "ready" },
      backup: { state: "ready" },
    });
  });

  it("logout, but no login left in the budget: the sessions are kept", async () => {
    const pair = await makePair({ budget: { perHour: 2, perDay: 6 } });
    pair.portal.onDeploy = "logout";
    await pair.ready();
    pair.parts.version = "v2";
    await pair.stub.tick();
    await pair.pass(60_000);
    expect(pair.site.alive).toBe(2);
    expect(pair.browser.begun).toHaveLength(2);
  });

  it("stop logs both out and makes no others; start begins anew", async () => {
    const pair = await makePair();
    await pair.ready();
    expect(await pair.stub.stop()).toMatchObject({
      running: false,
      primary: { state: "empty" },
      backup: { state: "empty" },
    });
    expect(pair.site.alive).toBe(0);
    expect(await pair.alarmAt()).toBeNull();
    await pair.stub.start();
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
  });

  it("stop in the middle of a login closes its browser and gives the phone back", async () => {
    const pair = await makePair();
    pair.browser.sendSms = async () => {};
    await pair.stub.start();
    await pair.pass(0);
    expect(pair.browser.open.size).toBe(1);
    await pair.stub.stop();
    expect(pair.browser.open.size).toBe(0);
    expect(pair.phone.holder).toBeNull();
    await pair.phone.receive("100001");
    expect(await pair.alarmAt()).toBeNull();
  });

  it("forget leaves nothing", async () => {
    const pair = await makePair();
    await pair.ready();
    await pair.stub.forget();
    expect(pair.site.alive).toBe(0);
    const left = await runInDurableObject(pair.stub, async (_, { storage }) => ({
      alarm: await storage.getAlarm(),
      jars: storage.sql.exec("SELECT * FROM jars").toArray(),
      audit: storage.sql.exec("SELECT * FROM audit").toArray(),
      state: storage.kv.get("state"),
    }));
    expect(left).toEqual({ alarm: null, jars: [], audit: [], state: undefined });
  });

  it("a database that does not answer stops nothing that runs", async () => {
    const pair = await makePair();
    await pair.ready();
    const { parts } = pair;
    const isDown = { now: true };
    parts.loadPortal = async () => {
      if (isDown.now) throw new Error("down");
      return pair.portal;
    };
    await pair.pass(HOUR);
    expect(await pair.get("/x")).toMatchObject({ status: 200 });
    await pair.evict();
    await pair.pass(60_000);
    isDown.now = false;
    await pair.pass(60_000);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" }, hold: null });
    expect(pair.browser.begun).toHaveLength(2);
  });
});
