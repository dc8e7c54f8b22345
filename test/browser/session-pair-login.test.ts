import { describe, expect, it } from "vitest";
import type { Reason } from "../../src/session-pairs/reasons.ts";
import { makePair } from "./make-pair.ts";

const steps = async (pair: Awaited<ReturnType<typeof makePair>>) =>
  (await pair.stub.audit(null, 200)).map(({ what }) => what).toReversed();

/** A pair whose login has waited so long for an SMS that the site has not sent. */
async function waitingPair(ms: number) {
  const pair = await makePair();
  pair.browser.sendSms = async () => {};
  await pair.stub.start();
  await pair.pass(ms);
  return pair;
}

describe("waiting for the SMS", () => {
  it("holds no promise: the object may be evicted, and the code's arrival resumes the login", async () => {
    const pair = await waitingPair(0);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "awaiting_code" } });
    await pair.evict();
    await pair.pass(40_000);
    expect(pair.browser.begun).toHaveLength(1);
    await pair.phone.receive("100001");
    expect(await pair.alarmAt()).toBe(pair.clock.now);
    await pair.evict();
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
    expect(pair.browser.begun).toHaveLength(1);
    expect((await pair.stub.metrics()).smsMs.p50).toBe(40_000);
  });

  it("looks by itself when the mailbox's word is lost", async () => {
    const pair = await waitingPair(5_000);
    pair.phone.tells = false;
    await pair.phone.receive("100001");
    await pair.pass(10_000);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "awaiting_code" } });
    await pair.pass(5_000);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
  });

  it("an SMS that came before the form was there counts too", async () => {
    const pair = await makePair();
    pair.phone.tells = false;
    await pair.stub.start();
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
  });

  it("asks for one more after 75 s and a second after 150 s, then gives up, and a person is needed the second time", async () => {
    const pair = await waitingPair(74_999);
    expect(pair.browser.resends).toBe(0);
    await pair.pass(1);
    expect(pair.browser.resends).toBe(1);
    await pair.pass(75_000);
    expect(pair.browser.resends).toBe(2);
    await pair.pass(29_999);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "awaiting_code" } });
    await pair.pass(1);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "cooldown" }, hold: null });
    expect(pair.browser.open.size).toBe(0);
    await pair.pass(30_000 + 180_000);
    expect(pair.browser.resends).toBe(4);
    expect(await pair.stub.status()).toMatchObject({
      primary: { state: "needs_human" },
      hold: { reason: "code_missing", until: null },
    });
    await pair.pass(24 * 3_600_000);
    expect(pair.browser.begun).toHaveLength(2);
  });

  it("types one fresh code after a wrong one, and no third", async () => {
    const pair = await waitingPair(1_000);
    await pair.phone.receive("999999");
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "awaiting_code" } });
    await pair.pass(59_000);
    expect(pair.browser.resends).toBe(1);
    await pair.phone.receive("999998");
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({
      primary: { state: "needs_human" },
      hold: { reason: "code_rejected" },
    });
    expect(pair.phone.used).toEqual(["999999", "999998"]);
    expect(pair.browser.open.size).toBe(0);
  });

  it("a wrong code and then the right one", async () => {
    const pair = await waitingPair(1_000);
    await pair.phone.receive("999999");
    await pair.pass(60_000);
    await pair.phone.receive(String(pair.browser.code));
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
  });

  it("waits its turn when another portal logs in with the same phone", async () => {
    const pair = await makePair();
    pair.phone.holder = { portalId: "prt_other", fence: 3 };
    await pair.stub.start();
    await pair.pass(4_000);
    expect(pair.browser.begun).toHaveLength(0);
    expect((await pair.stub.status()).budget).toEqual({ hour: 3, day: 6 });
    pair.phone.holder = null;
    await pair.pass(1_000);
    expect(pair.browser.begun).toHaveLength(1);
    expect(pair.phone.holder).toBeNull();
  });

  it("a mailbox that does not answer delays the login and spends nothing", async () => {
    const pair = await makePair();
    pair.phone.isUnreachable = true;
    await pair.stub.start();
    await pair.pass(19_000);
    expect(pair.browser.begun).toHaveLength(0);
    pair.phone.isUnreachable = false;
    await pair.pass(2_000);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
  });

  it("a site without codes needs no phone", async () => {
    const pair = await makePair();
    pair.browser.asksForCode = false;
    await pair.ready();
    expect(pair.site.alive).toBe(2);
    expect(pair.phone.used).toEqual([]);
  });
});

describe("a Worker that is stopped in the middle", () => {
  it("before the password: the browser is closed, and the login is tried again", async () => {
    const pair = await makePair();
    pair.browser.hangIn = "opened";
    await pair.stub.start();
    void pair.pass(0).catch(() => {});
    await expect.poll(async () => (await pair.state())?.slots.A.login?.step).toBe("browser");
    await pair.crash();
    pair.browser.hangIn = null;
    await pair.stub.tick();
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "cooldown" } });
    expect(pair.browser.open.size).toBe(0);
    await pair.pass(31_000);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
    expect((await pair.stub.metrics()).logins).toEqual({ interrupted: 1, in: 1 });
  });

  for (const [phase, step] of [
    ["credentials", "credentials_sent"],
    ["code", "code_submitted"],
    ["verifying", "verifying"],
  ] as const) {
    it(`in ${step}, logged in by then: no other login`, async () => {
      const pair = await makePair();
      pair.browser.hangIn = phase;
      await pair.stub.start();
      void pair.pass(0).catch(() => {});
      await expect.poll(async () => (await pair.state())?.slots.A.login?.step).toBe(step);
      await pair.crash();
      pair.browser.hangIn = null;
      pair.browser.looks = "in";
      await pair.stub.tick();
      await pair.pass(0);
      expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
      expect(pair.browser.begun).toHaveLength(1);
    });

    it(`in ${step}, the form for the code is open: the login goes on`, async () => {
      const pair = await makePair();
      pair.browser.hangIn = phase;
      await pair.stub.start();
      void pair.pass(0).catch(() => {});
      await expect.poll(async () => (await pair.state())?.slots.A.login?.step).toBe(step);
      await pair.crash();
      pair.browser.hangIn = null;
      await pair.stub.tick();
      await pair.pass(76_000);
      expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
      expect(pair.browser.begun).toHaveLength(1);
      // A code that was typed, or may have been, is not typed again.
      expect(new Set(pair.phone.used).size).toBe(pair.phone.used.length);
    });

    it(`in ${step}, nobody is logged in: interrupted`, async () => {
      const pair = await makePair();
      pair.browser.hangIn = phase;
      await pair.stub.start();
      void pair.pass(0).catch(() => {});
      await expect.poll(async () => (await pair.state())?.slots.A.login?.step).toBe(step);
      await pair.crash();
      pair.browser.hangIn = null;
      pair.browser.looks = "form";
      await pair.stub.tick();
      await pair.pass(0);
      expect((await pair.stub.metrics()).logins).toEqual({ interrupted: 1 });
      expect(pair.browser.open.size).toBe(0);
    });
  }
});

describe("why a login fails", () => {
  const HUMAN: Reason[] = [
    "wrong_password",
    "captcha",
    "login_refused",
    "form_changed",
    "origin_left",
    "not_logged_in",
    "value_missing",
    "snapshot_too_large",
  ];
  for (const reason of HUMAN) {
    it(`${reason}: at once a person is needed, with evidence, until resumed`, async () => {
      const pair = await makePair();
      pair.browser.nextFailure = reason;
      await pair.stub.start();
      await pair.pass(24 * 3_600_000);
      expect(pair.browser.begun).toHaveLength(1);
      const status = await pair.stub.status();
      expect(status).toMatchObject({ primary: { state: "needs_human" }, hold: { reason } });
      const evidence = await pair.stub.evidence(status.hold?.evidenceId ?? "");
      expect(evidence).toMatchObject({
        reason,
        url: "http://site.test/login",
        steps: [{ step: "1 goto", ms: 12, ok: true }],
      });
      expect(evidence?.screenshot?.byteLength).toBe(4);
      expect(await pair.get("/partners")).toMatchObject({ kind: "unavailable", reason });
      expect(await pair.stub.resume()).toMatchObject({ hold: null });
      await pair.pass(0);
      expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
    });
  }

  it("account_locked: the slot is locked", async () => {
    const pair = await makePair();
    pair.browser.nextFailure = "account_locked";
    await pair.stub.start();
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({
      primary: { state: "locked" },
      hold: { reason: "account_locked" },
    });
  });

  const LATER: Reason[] = [
    "site_unavailable",
    "site_busy",
    "browser_unavailable",
    "browser_died",
    "page_hung",
  ];
  for (const reason of LATER) {
    it(`${reason}: again after a pause`, async () => {
      const pair = await makePair();
      pair.browser.nextFailure = reason;
      await pair.stub.start();
      await pair.pass(0);
      expect(await pair.stub.status()).toMatchObject({
        primary: { state: "cooldown" },
        hold: null,
      });
      expect(await pair.get("/x", { waitMs: 1_000 })).toMatchObject({
        kind: "unavailable",
        reason,
        retryAfterMs: 30_000,
        sent: false,
      });
      await pair.pass(29_999);
      expect(pair.browser.begun).toHaveLength(1);
      await pair.pass(1);
      expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
    });
  }

  it("credentials that are missing or unreadable: no browser, until there are some", async () => {
    for (const fault of ["credentials_missing", "credentials_unreadable"] as const) {
      const pair = await makePair();
      const { credentials } = pair.portal;
      Object.assign(pair.portal, { credentials: null, credentialsFault: fault });
      await pair.stub.start();
      await pair.pass(0);
      expect(await pair.stub.status()).toMatchObject({ hold: { reason: fault } });
      expect(pair.browser.begun).toHaveLength(0);
      Object.assign(pair.portal, { credentials, credentialsFault: null });
      await pair.stub.configured();
      await pair.pass(0);
      expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" }, hold: null });
    }
  });

  it("a refused password is typed again only when it is another one", async () => {
    const pair = await makePair();
    pair.browser.nextFailure = "wrong_password";
    await pair.stub.start();
    await pair.pass(0);
    pair.portal.version += 1;
    await pair.stub.configured();
    await pair.stub.tick();
    await pair.pass(0);
    expect(pair.browser.begun).toHaveLength(1);
    pair.portal.credentials = { username: "kim", password: "another" };
    await pair.stub.configured();
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" }, hold: null });
  });

  it("definition_missing: held until there is one again", async () => {
    const pair = await makePair();
    const { definition } = pair.portal;
    pair.portal.definition = null;
    await pair.stub.start();
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ hold: { reason: "definition_missing" } });
    expect(await pair.get("/x")).toMatchObject({ reason: "definition_missing" });
    pair.portal.definition = definition;
    await pair.stub.tick();
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" }, hold: null });
  });

  it("budget_exhausted: six logins a day, three an hour, over restarts; a person renews the day's at once, time does by itself", async () => {
    const pair = await makePair();
    pair.browser.part.begin = async () => {
      pair.browser.begun.push("x");
      const reason = "browser_died";
      return { kind: "failed", reason, url: "", screenshot: null, steps: [] };
    };
    await pair.stub.start();
    await pair.pass(1_800_000);
    expect(pair.browser.begun).toHaveLength(3);
    expect((await pair.stub.status()).budget).toEqual({ hour: 0, day: 3 });
    await pair.evict();
    await pair.pass(1_000_000);
    expect(pair.browser.begun).toHaveLength(3);
    await pair.pass(6 * 3_600_000);
    expect(pair.browser.begun).toHaveLength(6);
    expect(await pair.stub.status()).toMatchObject({
      hold: { reason: "budget_exhausted", until: expect.any(Number) },
      primary: { state: "cooldown" },
    });
    await pair.stub.resume();
    await pair.pass(0);
    expect(pair.browser.begun).toHaveLength(7);
    await pair.pass(12 * 3_600_000);
    const begun = pair.browser.begun.length;
    expect(await pair.stub.status()).toMatchObject({ hold: { reason: "budget_exhausted" } });
    await pair.pass(24 * 3_600_000);
    // The oldest of the day fall out of it one by one: never more than six a day.
    expect(pair.browser.begun.length).toBeGreaterThan(begun);
    expect(pair.browser.begun.length).toBeLessThanOrEqual(begun + 12);
  });

  it("writes every step down without a secret", async () => {
    const pair = await makePair();
    await pair.ready();
    expect((await steps(pair)).slice(0, 10)).toEqual([
      "started",
      "login_started",
      "browser",
      "credentials_sent",
      "code_asked",
      "code_claimed",
      "code_submitted",
      "verifying",
      "login_done",
      "promoted",
    ]);
    const said = JSON.stringify([await pair.stub.audit(null, 200), await pair.state()]);
    const [sid = ""] = pair.site.sessions.keys();
    for (const secret of ["canary-password", "01012345678", sid]) {
      expect(said).not.toContain(secret);
    }
    expect(said).not.toContain('"100001"');
  });

  it("keeps the last ten pieces of evidence", async () => {
    const pair = await makePair({ budget: { perHour: 10, perDay: 48 } });
    const ids: string[] = [];
    await pair.stub.start();
    for (let n = 0; n < 12; n++) {
      pair.browser.nextFailure = "captcha";
      await pair.pass(400_000);
      ids.push((await pair.stub.status()).hold?.evidenceId ?? "");
      await pair.stub.resume();
    }
    expect(await pair.stub.evidence(ids[0] ?? "")).toBeNull();
    expect(await pair.stub.evidence(ids[1] ?? "")).toBeNull();
    expect(await pair.stub.evidence(ids[2] ?? "")).not.toBeNull();
    expect(await pair.stub.evidence(ids[11] ?? "")).not.toBeNull();
  });
});
