import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { PairState } from "../../src/session-pairs/machine/state.ts";
import { makePair, type TestPair } from "./make-pair.ts";

const HOUR = 3_600_000;
const DAY_BUDGET = { budget: { perHour: 10, perDay: 48 } };

/** The credentials that were typed, by user name and password. */
function watchTyping(pair: TestPair): string[] {
  const typed: string[] = [];
  const begin = pair.browser.part.begin.bind(null);
  pair.browser.part.begin = (input, onPhase) => {
    typed.push(`${input.credentials.username}:${input.credentials.password}`);
    return begin(input, onPhase);
  };
  return typed;
}

describe("another account", () => {
  it("the sessions of the one before are logged out, and serve nobody", async () => {
    const pair = await makePair(DAY_BUDGET);
    await pair.ready();
    const old = [...pair.site.sessions.keys()];
    pair.portal.credentials = { username: "lee", password: "canary-password" };
    pair.portal.version += 1;
    await pair.stub.configured();
    const answer = await pair.get("/who", { waitMs: 60_000 });
    expect(answer).toMatchObject({ kind: "answered", status: 200 });
    const sid = answer.kind === "answered" ? new TextDecoder().decode(answer.body) : "";
    expect(old.map((one) => `sid=${one}`)).not.toContain(sid);
    expect(old.map((one) => pair.site.sessions.get(one))).toEqual([false, false]);
    await pair.pass(31_000);
    expect(pair.site.alive).toBe(2);
    expect(pair.browser.begun).toHaveLength(4);
  });

  it("another password of the same account logs nobody out", async () => {
    const pair = await makePair();
    await pair.ready();
    pair.portal.credentials = { username: "kim", password: "another" };
    pair.portal.version += 1;
    await pair.stub.configured();
    await pair.stub.tick();
    await pair.pass(60_000);
    expect(pair.site.alive).toBe(2);
    expect(pair.browser.begun).toHaveLength(2);
  });

  it("a login of the one before ends, its browser is closed, and its device stays unknown", async () => {
    const pair = await makePair({ session: { onePerAccount: "yes", deviceCookies: ["device"] } });
    await pair.ready();
    pair.browser.sendSms = async () => {};
    pair.site.endAll();
    await pair.get("/x");
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "awaiting_code" } });
    pair.portal.credentials = { username: "lee", password: "canary-password" };
    pair.portal.version += 1;
    await pair.stub.configured();
    expect(pair.browser.open.size).toBe(0);
    await pair.pass(0);
    expect(pair.browser.begun).toHaveLength(3);
    expect(pair.browser.devices[2]).toBeNull();
  });

  it("is still the same one under another master key, also when the older one is gone", async () => {
    const pair = await makePair();
    await pair.ready();
    const { masterKey } = pair.parts;
    const key = btoa("k".repeat(32));
    pair.parts.masterKey = `${key},${masterKey}`;
    await pair.evict();
    await pair.stub.tick();
    await pair.pass(60_000);
    pair.parts.masterKey = key;
    await pair.evict();
    await pair.stub.tick();
    await pair.pass(60_000);
    expect(pair.site.alive).toBe(2);
    expect(pair.browser.begun).toHaveLength(2);
  });

  it("a password that was changed while something else was under way is the one that is typed", async () => {
    const pair = await makePair();
    const typed = watchTyping(pair);
    await pair.stub.start();
    await pair.pass(0);
    pair.browser.nextFailure = "wrong_password";
    await pair.pass(31_000);
    expect(await pair.stub.status()).toMatchObject({ hold: { reason: "wrong_password" } });
    let open = () => {};
    pair.site.gate = new Promise((resolve) => {
      open = resolve;
    });
    pair.site.asked.length = 0;
    const passing = pair.pass(30_000);
    await expect.poll(() => pair.site.asked).toContain("GET /health");
    pair.portal.credentials = { username: "kim", password: "another" };
    pair.portal.version += 1;
    await pair.stub.configured();
    open();
    await passing;
    await pair.pass(0);
    expect(typed).toEqual(["kim:canary-password", "kim:canary-password", "kim:another"]);
  });
});

describe("a backup that cannot be made", () => {
  const FAILING = { nextFailure: "site_unavailable", keepsFailing: true };

  it("pauses for itself: the login that requests wait for is made at once", async () => {
    const pair = await makePair(DAY_BUDGET);
    await pair.stub.start();
    await pair.pass(0);
    Object.assign(pair.browser, FAILING);
    await pair.pass(HOUR / 2);
    const tried = pair.browser.begun.length;
    expect(tried).toBeGreaterThan(4);
    expect((await pair.state())?.loginAt).toBe(0);
    pair.browser.nextFailure = null;
    pair.site.endAll();
    expect(await pair.get("/x", { waitMs: 1_000 })).toMatchObject({ status: 200 });
    expect(pair.browser.begun).toHaveLength(tried + 1);
    // And the new primary has its backup soon, whatever was before.
    await pair.pass(31_000);
    expect(await pair.stub.status()).toMatchObject({ backup: { state: "ready" } });
  });

  it("does not lengthen the first pause of a login that is made without a session", async () => {
    const pair = await makePair(DAY_BUDGET);
    await pair.stub.start();
    await pair.pass(0);
    Object.assign(pair.browser, FAILING);
    await pair.pass(HOUR / 4);
    pair.site.endAll();
    expect(await pair.get("/x", { waitMs: 1_000 })).toMatchObject({
      reason: "site_unavailable",
      retryAfterMs: 30_000,
    });
  });

  it("pauses between the logins that replace a living backup", async () => {
    const pair = await makePair({ ...DAY_BUDGET, session: { lifeSeconds: 8 * 3600 } });
    await pair.ready();
    await pair.pass(4 * HOUR);
    Object.assign(pair.browser, FAILING);
    await pair.pass(HOUR);
    const tried = pair.browser.begun.length - 2;
    expect([tried > 2, tried < 8]).toEqual([true, true]);
  });
});

describe("an account that is taken away", () => {
  const GONE = { credentials: null, credentialsFault: "credentials_missing", hasAccount: false };

  it("logs both sessions out, holds, and serves nobody; another one ends the hold", async () => {
    const pair = await makePair(DAY_BUDGET);
    await pair.ready();
    const { credentials } = pair.portal;
    Object.assign(pair.portal, GONE);
    pair.portal.version += 1;
    await pair.stub.configured();
    expect(await pair.get("/x", { waitMs: 10_000 })).toMatchObject({
      kind: "unavailable",
      reason: "credentials_missing",
      sent: false,
    });
    await pair.pass(0);
    expect(pair.site.asked.filter((path) => path === "POST /logout")).toHaveLength(2);
    expect(pair.site.alive).toBe(0);
    expect(await pair.stub.status()).toMatchObject({
      running: true,
      primary: { state: "expired" },
      backup: { state: "expired" },
      hold: { reason: "credentials_missing", until: null },
    });
    await pair.pass(HOUR);
    expect(pair.browser.begun).toHaveLength(2);
    Object.assign(pair.portal, { credentials, credentialsFault: null, hasAccount: true });
    pair.portal.version += 1;
    await pair.stub.configured();
    await pair.pass(31_000);
    expect(await pair.stub.status()).toMatchObject({
      primary: { state: "ready" },
      backup: { state: "ready" },
      hold: null,
    });
  });

  it("ends a login that waits for its code", async () => {
    const pair = await makePair();
    pair.browser.sendSms = async () => {};
    await pair.stub.start();
    await pair.pass(0);
    expect(pair.browser.open.size).toBe(1);
    Object.assign(pair.portal, GONE);
    pair.portal.version += 1;
    await pair.stub.tick();
    await pair.pass(HOUR);
    expect(pair.browser.open.size).toBe(0);
    expect(await pair.stub.status()).toMatchObject({ hold: { reason: "credentials_missing" } });
    expect(pair.browser.begun).toHaveLength(1);
  });

  it("leaves a hold that a person has to look at as it is", async () => {
    const pair = await makePair();
    await pair.ready();
    pair.browser.nextFailure = "captcha";
    pair.site.end([...pair.site.sessions.keys()][1] ?? "");
    await pair.pass(120_000);
    expect(await pair.stub.status()).toMatchObject({ hold: { reason: "captcha" } });
    Object.assign(pair.portal, GONE);
    pair.portal.version += 1;
    await pair.stub.configured();
    await pair.pass(0);
    expect(pair.site.alive).toBe(0);
    expect(await pair.stub.status()).toMatchObject({ hold: { reason: "captcha" } });
  });

  it("half an account logs nobody out: the sessions of the whole one serve on", async () => {
    const pair = await makePair();
    await pair.ready();
    Object.assign(pair.portal, { ...GONE, hasAccount: true });
    pair.portal.version += 1;
    await pair.stub.configured();
    await pair.pass(60_000);
    expect(await pair.get("/x")).toMatchObject({ status: 200 });
  });
});

describe("a site that moves", () => {
  it("is told nothing of the sessions of the one before, whatever they are asked for", async () => {
    const pair = await makePair();
    await pair.ready();
    const moved = JSON.parse(
      JSON.stringify(pair.portal.definition).replaceAll("http://site.test", "http://evil.test"),
    );
    const sent: string[] = [];
    const send = pair.parts.site.send.bind(null);
    pair.parts.site.send = async (input) => {
      const answer = await send(input);
      if (answer.kind === "answered") sent.push(new URL(input.request.url).host);
      return answer;
    };
    Object.assign(pair.portal, {
      definition: moved,
      credentials: null,
      credentialsFault: "credentials_missing",
      hasAccount: false,
    });
    pair.portal.version += 1;
    await pair.stub.configured();
    await pair.pass(HOUR);
    Object.assign(pair.portal, {
      credentials: { username: "mallory", password: "another" },
      credentialsFault: null,
      hasAccount: true,
    });
    pair.portal.version += 1;
    pair.browser.nextFailure = "captcha";
    await pair.stub.configured();
    await pair.pass(HOUR);
    expect(sent).toEqual([]);
  });

  it("an origin that is added gets nothing of a session that was made before", async () => {
    const pair = await makePair();
    await pair.ready();
    const { definition } = pair.portal;
    Object.assign(pair.portal, {
      definition: definition && {
        ...definition,
        origins: [...definition.origins, "http://evil.test"],
      },
    });
    pair.portal.version += 1;
    await pair.stub.configured();
    expect(await pair.get("/x")).toMatchObject({ status: 200 });
    expect(await pair.get("/x", { url: "http://evil.test/x" })).toMatchObject({
      kind: "unavailable",
      reason: "origin_left",
      sent: false,
    });
  });
});

describe("nothing runs in circles, and no login hangs", () => {
  it("a stopped login whose credentials are gone ends, and a person is needed", async () => {
    const pair = await makePair();
    pair.browser.hangIn = "credentials";
    await pair.stub.start();
    void pair.pass(0).catch(() => {});
    await expect
      .poll(async () => (await pair.state())?.slots.A.login?.step)
      .toBe("credentials_sent");
    await pair.crash();
    pair.browser.hangIn = null;
    Object.assign(pair.portal, { credentials: null, credentialsFault: "credentials_missing" });
    await pair.stub.tick();
    await pair.pass(60_000);
    expect(await pair.stub.status()).toMatchObject({ hold: { reason: "credentials_missing" } });
  });

  it("a step that throws is not tried again at once", async () => {
    const pair = await makePair();
    await pair.ready();
    pair.parts.site.logoutRequest = () => {
      throw new Error("broken");
    };
    await pair.stub.stop().catch(() => {});
    await pair.pass(60_000);
    expect(await pair.alarmAt()).toBeNull();
  });

  it("no third code is typed into a login whose Worker was stopped after the second", async () => {
    const pair = await makePair();
    pair.browser.sendSms = async () => {};
    await pair.stub.start();
    await pair.pass(1_000);
    await pair.phone.receive("999999");
    await pair.pass(0);
    pair.browser.hangIn = "code";
    await pair.phone.receive("999998");
    void pair.pass(0).catch(() => {});
    await expect.poll(async () => (await pair.state())?.slots.A.login?.typed.length).toBe(2);
    await expect.poll(async () => (await pair.state())?.slots.A.login?.step).toBe("code_submitted");
    await pair.crash();
    pair.browser.hangIn = null;
    await pair.stub.tick();
    await pair.pass(0);
    await pair.phone.receive("999997");
    await pair.pass(20_000);
    expect(pair.phone.used).toEqual(["999999", "999998"]);
    expect(await pair.stub.status()).toMatchObject({ hold: { reason: "code_rejected" } });
    expect(pair.browser.open.size).toBe(0);
  });

  it("a code that comes while the mailbox is being asked does not wait for the next look", async () => {
    const pair = await makePair();
    pair.browser.sendSms = async () => {};
    await pair.stub.start();
    await pair.pass(0);
    const mailbox = pair.parts.mailboxes;
    const box = mailbox.getByName("");
    let isFirst = true;
    pair.parts.mailboxes = {
      getByName: () => ({
        ...box,
        claim: async (wish) => {
          const found = await box.claim(wish);
          if (isFirst) {
            isFirst = false;
            pair.clock.now += 5;
            await pair.phone.receive("100001");
          }
          return found;
        },
      }),
    };
    await pair.pass(20_000);
    expect(await pair.stub.status()).toMatchObject({ primary: { state: "ready" } });
    expect((await pair.state())?.slots.A.session?.readyAt).toBeLessThan(pair.clock.now + 1_000);
    expect((await pair.stub.metrics()).readyMs.p50).toBeLessThan(21_000);
  });

  it("a session that a stopped login brings all the same is logged out", async () => {
    const pair = await makePair();
    const begin = pair.browser.part.begin.bind(null);
    pair.browser.asksForCode = false;
    pair.browser.part.begin = async (input, onPhase) => {
      const outcome = await begin(input, onPhase);
      await pair.stub.stop();
      return outcome;
    };
    await pair.stub.start();
    await pair.pass(0);
    expect(await pair.stub.status()).toMatchObject({ running: false });
    expect(pair.site.alive).toBe(0);
  });

  it("start leaves the pair of a disabled portal alone", async () => {
    const pair = await makePair();
    pair.portal.enabled = false;
    expect(await pair.stub.start()).toMatchObject({ running: false });
    expect(await pair.alarmAt()).toBeNull();
  });

  it("a portal without a phone, of a site that asks for no code", async () => {
    const pair = await makePair();
    const { definition } = pair.portal;
    if (!definition) throw new Error("no definition");
    const login = { ...definition.login, code: null };
    Object.assign(pair.portal, { phone: null, definition: { ...definition, login } });
    pair.browser.asksForCode = false;
    pair.phone.isUnreachable = true;
    await pair.ready();
    expect(pair.site.alive).toBe(2);
  });
});

describe("a request", () => {
  it("is not told by an older probe that its session lives", async () => {
    const pair = await makePair();
    await pair.ready();
    const send = pair.parts.site.send.bind(null);
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let isFirst = true;
    pair.parts.site.send = async (input) => {
      const answer = await send(input);
      if (isFirst && new URL(input.request.url).pathname === "/health") {
        isFirst = false;
        await gate;
      }
      return answer;
    };
    pair.site.asked.length = 0;
    pair.clock.now += 61_000;
    const ticking = pair.stub.tick();
    await expect.poll(() => pair.site.asked).toContain("GET /health");
    const [sid = ""] = pair.site.sessions.keys();
    pair.site.end(sid);
    const asking = pair.get("/partners");
    await expect.poll(() => pair.site.asked).toContain("GET /partners");
    open();
    expect(await asking).toMatchObject({ status: 200, servedBy: { slot: "B" } });
    await ticking;
  });
});

describe("a site that allows two sessions", () => {
  it("is not taken for one of a single session because the first ends by chance during a login", async () => {
    const pair = await makePair(DAY_BUDGET);
    await pair.ready();
    const begin = pair.browser.part.begin.bind(null);
    // The backup ends, and then the primary, while the next backup is being made.
    const end = (slot: "A" | "B", state: PairState | undefined) => {
      const index = (state?.slots[slot].session?.fence ?? 0) - 1;
      pair.site.end([...pair.site.sessions.keys()][index] ?? "");
    };
    end("B", await pair.state());
    await pair.pass(60_000);
    const before = await pair.state();
    pair.browser.part.begin = (input, onPhase) => {
      end("A", before);
      pair.browser.part.begin = begin;
      return begin(input, onPhase);
    };
    await pair.pass(2 * 60_000);
    expect(await pair.stub.status()).toMatchObject({ mode: "pair" });
    expect(pair.site.alive).toBe(2);
  });
});

describe("what it costs", () => {
  /** Rows that the object writes while something is done. */
  async function writes(pair: TestPair, work: () => Promise<unknown>): Promise<string[]> {
    const keys: string[] = [];
    const undo = await runInDurableObject(pair.stub, (_, { storage }) => {
      const { kv } = storage;
      const put = kv.put.bind(kv);
      const setAlarm = storage.setAlarm.bind(storage);
      kv.put = (key, value) => {
        keys.push(key);
        put(key, value);
      };
      storage.setAlarm = (at) => {
        keys.push("alarm");
        return setAlarm(at);
      };
      return () => {
        kv.put = put;
        storage.setAlarm = setAlarm;
      };
    });
    await work();
    undo();
    return keys;
  }

  it("a request that changes no cookie writes nothing", async () => {
    const pair = await makePair();
    await pair.ready();
    await pair.get("/x");
    expect(await writes(pair, () => pair.get("/x"))).toEqual([]);
  });

  it("probes that say the same as before write no state, and one alarm each", async () => {
    const pair = await makePair();
    await pair.ready();
    await pair.pass(60_000);
    const written = await writes(pair, async () => {
      for (let n = 0; n < 10; n++) {
        await pair.pass(60_000);
        await pair.stub.tick();
      }
    });
    expect(written.filter((key) => key === "state")).toEqual([]);
    expect(written.filter((key) => key === "alarm").length).toBeLessThanOrEqual(40);
  });

  it("a cookie whose end moves with each answer does not write the state each time", async () => {
    const pair = await makePair();
    await pair.ready();
    const end = pair.clock.now + HOUR;
    pair.site.cookieEndsAt = end;
    pair.site.nextCookie = "0";
    await pair.get("/x");
    const written = await writes(pair, async () => {
      for (let n = 1; n < 10; n++) {
        pair.site.cookieEndsAt = end + n * 1_000;
        pair.site.nextCookie = String(n);
        await pair.get("/x");
      }
    });
    expect(written.filter((key) => key === "state")).toEqual([]);
  });
});
