import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { CodeMailbox } from "../../src/code-mailboxes/code-mailbox.do.ts";
import { TEXT_AGE_MS, TRACE_AGE_MS } from "../../src/code-mailboxes/constants.ts";
import { type Challenge, mailboxName, type Sms } from "../../src/code-mailboxes/index.ts";
import type { MailboxParts } from "../../src/code-mailboxes/parts.ts";

const bindings = env as unknown as BrowserEnv;

let phones = 0;
let events = 0;

const nextName = () => mailboxName("org_test", `010${String(phones++).padStart(8, "0")}`);

function challengeOf(more: Partial<Challenge> = {}): Challenge {
  const sentAt = Date.now();
  return {
    challengeId: "c1",
    portalId: "prt_mailbox",
    fence: 1,
    sentAt,
    deadlineAt: sentAt + 180_000,
    resentAt: null,
    senders: [],
    pattern: null,
    ...more,
  };
}

function smsOf(text: string, more: Partial<Sms> = {}): Sms {
  return { eventId: `evt_${events++}`, receivedAt: Date.now(), text, sender: null, ...more };
}

/** The shipped object, with a login that waits for its code; the SMS was faster than the login. */
async function waitingMailbox(...texts: string[]) {
  const stub = bindings.CODE_MAILBOX.getByName(nextName());
  const challenge = challengeOf();
  const sms = texts.map((text) => smsOf(text));
  for (const each of sms) expect(await stub.offer(each)).toMatchObject({ kept: true });
  const { portalId, fence, deadlineAt } = challenge;
  expect(await stub.enter({ portalId, fence, until: deadlineAt })).toEqual({ granted: true });
  expect(await stub.expect(challenge)).toBe(true);
  return { stub, challenge, sms, claim: () => stub.claim({ challengeId: "c1", fence: 1 }) };
}

/** One with a clock and portals of the test's. */
function withParts<T>(
  parts: Partial<MailboxParts> & { now: () => number },
  work: (mailbox: CodeMailbox, state: DurableObjectState) => Promise<T>,
): Promise<T> {
  const stub = bindings.CODE_MAILBOX.getByName(nextName());
  return runInDurableObject(stub, (_, state) =>
    work(new CodeMailbox(state, bindings, { pairs: wokenPairs().pairs, ...parts }), state),
  );
}

function wokenPairs() {
  const woken: string[] = [];
  const getByName = (portalId: string) => ({
    codeArrived: async (challengeId: string) => {
      woken.push(`${portalId} ${challengeId}`);
    },
  });
  return { woken, pairs: { getByName } };
}

const storedIn = (stub: DurableObjectStub<CodeMailbox>) =>
  runInDurableObject(stub, async (_, { storage }) => ({
    keys: [...storage.kv.list()].length,
    alarm: await storage.getAlarm(),
  }));

describe("a claim", () => {
  it("gives one code to one of 100 that ask at once", async () => {
    const { claim } = await waitingMailbox("024561");
    const answers = await Promise.all(Array.from({ length: 100 }, claim));
    expect(answers.filter((answer) => answer !== null)).toMatchObject([{ code: "024561" }]);
  });

  it("gives each of 20 codes at most once while offers and claims race", async () => {
    await withParts({ now: Date.now }, async (mailbox) => {
      const challenge = challengeOf();
      await mailbox.enter({ ...challenge, until: challenge.deadlineAt });
      await mailbox.expect(challenge);
      const claim = () => mailbox.claim({ challengeId: "c1", fence: 1 });
      const codes = Array.from({ length: 20 }, (_, i) => `${700_000 + i}`);
      const answers = await Promise.all(
        codes.flatMap((code) => [mailbox.offer(smsOf(code)), claim(), claim(), claim()]),
      );
      const given = answers.flatMap((answer) => (answer && "code" in answer ? [answer.code] : []));
      expect(given.length).toBeGreaterThan(0);
      expect(new Set(given).size).toBe(given.length);
    });
  });

  it("finds after an eviction what came before it, and nothing twice", async () => {
    const { stub, claim, sms } = await waitingMailbox("024561");
    await evictDurableObject(stub);
    expect(await claim()).toMatchObject({ code: "024561", receivedAt: sms[0]?.receivedAt });
    await evictDurableObject(stub);
    expect(await claim()).toBeNull();
    const [again = smsOf("")] = sms;
    expect(await stub.offer(again)).toEqual({ kept: false, challengeId: null });
    expect(await claim()).toBeNull();
  });

  it("is another organization's mailbox's own", async () => {
    const { stub, claim } = await waitingMailbox();
    const phone = stub.name?.split(":")[1] ?? "";
    await bindings.CODE_MAILBOX.getByName(mailboxName("org_other", phone)).offer(smsOf("024561"));
    expect(await claim()).toBeNull();
  });
});

describe("the login lock", () => {
  it("lets one of 20 portals in at a time", async () => {
    const stub = bindings.CODE_MAILBOX.getByName(nextName());
    const until = Date.now() + 60_000;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => stub.enter({ portalId: `prt_${i}`, fence: 1, until })),
    );
    expect(answers.filter(({ granted }) => granted)).toHaveLength(1);
    await evictDurableObject(stub);
    expect(await stub.enter({ portalId: "prt_late", fence: 1, until })).toMatchObject({
      granted: false,
    });
  });
});

describe("an offer", () => {
  it("wakes the portal whose challenge it may answer, once for each event", async () => {
    const { woken, pairs } = wokenPairs();
    await withParts({ now: Date.now, pairs }, async (mailbox) => {
      const challenge = challengeOf({ senders: ["1600-0987"] });
      const early = smsOf("111111", { receivedAt: challenge.sentAt - 60_000 });
      expect(await mailbox.offer(early)).toEqual({ kept: true, challengeId: null });
      await mailbox.enter({ portalId: "prt_x", fence: 1, until: challenge.deadlineAt });
      await mailbox.expect({ ...challenge, portalId: "prt_x" });
      await mailbox.offer(smsOf("222222", { sender: "010-9999-9999" }));
      expect(woken).toEqual([]);
      const sms = smsOf("024561");
      expect(await mailbox.offer(sms)).toEqual({ kept: true, challengeId: "c1" });
      await mailbox.offer(sms);
      expect(woken).toEqual(["prt_x c1"]);
    });
  });

  it.each([
    ["throws", () => Promise.reject(new Error("no such portal"))],
    ["never answers", () => new Promise<never>(() => {})],
  ])("is kept when the portal %s", async (_, codeArrived) => {
    const pairs = { getByName: () => ({ codeArrived }) };
    const lines = vi.spyOn(console, "log").mockImplementation(() => {});
    await withParts({ now: Date.now, pairs }, async (mailbox) => {
      await mailbox.enter({ portalId: "prt_x", fence: 1, until: Date.now() + 60_000 });
      await mailbox.expect(challengeOf({ portalId: "prt_x" }));
      expect(await mailbox.offer(smsOf("024561"))).toEqual({ kept: true, challengeId: "c1" });
      expect(await mailbox.claim({ challengeId: "c1", fence: 1 })).toMatchObject({
        code: "024561",
      });
    });
    const said = JSON.stringify(lines.mock.calls);
    lines.mockRestore();
    expect(said).toContain("portal_not_woken");
    expect(said).not.toContain("024561");
  });
});

describe("forgetting", () => {
  it("takes the text after 10 minutes and all storage after 20, by alarms at times of its clock", async () => {
    const clock = { at: Date.now() };
    await withParts({ now: () => clock.at }, async (mailbox, { storage }) => {
      const start = clock.at;
      await mailbox.offer(smsOf("secret 024561", { receivedAt: start }));
      expect(await storage.getAlarm()).toBe(start + TEXT_AGE_MS);
      clock.at = start + TEXT_AGE_MS;
      await mailbox.alarm();
      expect(JSON.stringify([...storage.kv.list()])).not.toContain("024561");
      expect([...storage.kv.list()]).toHaveLength(1);
      expect(await storage.getAlarm()).toBe(start + TRACE_AGE_MS);
      clock.at = start + TRACE_AGE_MS;
      await mailbox.alarm();
      expect([...storage.kv.list()]).toEqual([]);
      expect(await storage.getAlarm()).toBeNull();
      // An alarm that runs again changes nothing.
      await mailbox.alarm();
      expect([...storage.kv.list()]).toEqual([]);
    });
  });

  it("leaves nothing of a mailbox that was only asked", async () => {
    const stub = bindings.CODE_MAILBOX.getByName(nextName());
    expect(await stub.claim({ challengeId: "c1", fence: 1 })).toBeNull();
    await stub.leave({ portalId: "prt_x", fence: 1 });
    await stub.offer(smsOf("024561", { receivedAt: 0 }));
    expect(await storedIn(stub)).toEqual({ keys: 0, alarm: null });
    await stub.enter({ portalId: "prt_x", fence: 1, until: Date.now() + 60_000 });
    expect(await storedIn(stub)).toMatchObject({ keys: 1, alarm: expect.any(Number) });
    await stub.leave({ portalId: "prt_x", fence: 1 });
    expect(await storedIn(stub)).toEqual({ keys: 0, alarm: null });
  });

  it("is what the shipped object's alarm does", async () => {
    const { stub, claim } = await waitingMailbox("024561");
    await claim();
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    // Nothing was old: all is there, and another alarm is set.
    expect(await storedIn(stub)).toMatchObject({ keys: 1, alarm: expect.any(Number) });
    expect(await claim()).toBeNull();
  });
});
