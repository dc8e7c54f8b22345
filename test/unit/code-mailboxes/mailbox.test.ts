import { describe, expect, it } from "vitest";
import {
  ASK_AGAIN_MS,
  LATE_SMS_MS,
  MAX_KEPT_TEXTS,
  MAX_LOGIN_MS,
  MAX_TEXT_CHARS,
  MAX_TRACES,
  MAX_USED_CODES,
  TEXT_AGE_MS,
  TRACE_AGE_MS,
  USED_AGE_MS,
} from "../../../src/code-mailboxes/constants.ts";
import { nextForgetting } from "../../../src/code-mailboxes/forget-old.ts";
import { isEmpty } from "../../../src/code-mailboxes/mailbox-state.ts";
import { challengeOf, makeMailbox, smsOf, waitingBox } from "./support.ts";

describe("the login lock", () => {
  it("is one portal's at a time, and the next one's when it leaves", () => {
    const box = makeMailbox();
    expect(box.enter("prt_a", 1)).toEqual({ granted: true });
    expect(box.enter("prt_b", 1)).toEqual({ granted: false, retryAt: box.now + ASK_AGAIN_MS });
    box.leave("prt_b", 9);
    expect(box.enter("prt_b", 1)).toMatchObject({ granted: false });
    box.leave("prt_a", 1);
    expect(box.enter("prt_b", 1)).toEqual({ granted: true });
  });

  it("ends with its time, which the holder may move but not beyond 15 minutes", () => {
    const box = makeMailbox();
    box.enter("prt_a", 1, 5_000);
    expect(box.enter("prt_b", 1)).toEqual({ granted: false, retryAt: box.now + 5_000 });
    box.enter("prt_a", 1, 10_000);
    box.now += 9_999;
    expect(box.enter("prt_b", 1)).toMatchObject({ granted: false });
    box.now += 1;
    expect(box.enter("prt_b", 1, 1e12)).toEqual({ granted: true });
    expect(box.state().lock?.until).toBe(box.now + MAX_LOGIN_MS);
  });

  it("goes by the fence: an older login of the portal neither enters nor leaves nor is expected", () => {
    const box = makeMailbox();
    box.enter("prt_a", 2);
    expect(box.enter("prt_a", 1)).toMatchObject({ granted: false });
    box.leave("prt_a", 1);
    expect(box.expect(challengeOf(box, { fence: 1 }))).toBe(false);
    expect(box.expect(challengeOf(box, { fence: 2 }))).toBe(true);
    // A newer one takes over, and the older one's challenge is over.
    box.enter("prt_a", 3);
    box.offer(smsOf(box, "024561"));
    expect(box.claim("c1", 2)).toBeNull();
  });

  it("lasts as long as the challenge", () => {
    const box = makeMailbox();
    box.enter("prt_a", 1, 1_000);
    box.expect(challengeOf(box));
    box.now += 179_999;
    expect(box.enter("prt_b", 1)).toMatchObject({ granted: false });
  });

  it("is asked for before a challenge", () => {
    const box = makeMailbox();
    expect(box.expect(challengeOf(box))).toBe(false);
    box.enter("prt_b", 1);
    expect(box.expect(challengeOf(box))).toBe(false);
  });
});

describe("a claim", () => {
  it("gives the code once, and says when it was received", () => {
    const box = waitingBox();
    box.now += 5_000;
    const { kept, wakes } = box.offer(smsOf(box, "024561"));
    expect([kept, wakes?.challengeId]).toEqual([true, "c1"]);
    const claimed = box.claim("c1", 1);
    expect(claimed).toMatchObject({ code: "024561", receivedAt: box.now });
    expect(claimed?.codeHash).toMatch(/^[0-9a-f]{64}$/);
    expect(box.claim("c1", 1)).toBeNull();
    expect(JSON.stringify(box.state())).not.toContain("024561");
  });

  it("is the challenge's own: another one, another fence and a wrong time get nothing", () => {
    const box = waitingBox();
    box.offer(smsOf(box, "024561"));
    expect(box.claim("c2", 1)).toBeNull();
    expect(box.claim("c1", 2)).toBeNull();
    box.now += 180_000;
    expect(box.claim("c1", 1)).toBeNull();
  });

  it.each([
    [-1_001, null],
    [-1_000, "024561"],
    [0, "024561"],
    [179_999, "024561"],
  ])("of an SMS received %i ms after the challenge: %s", (ms, code) => {
    const box = waitingBox();
    const at = box.now + ms;
    box.now = Math.max(box.now, at);
    box.offer(smsOf(box, "024561", { receivedAt: at }));
    expect(box.claim("c1", 1)?.code ?? null).toBe(code);
  });

  it("may find an SMS that came before the mailbox was told of the challenge", () => {
    const box = makeMailbox();
    box.enter("prt_a", 1);
    const challenge = challengeOf(box);
    box.now += 2_000;
    expect(box.offer(smsOf(box, "024561")).wakes).toBeNull();
    box.expect(challenge);
    expect(box.claim("c1", 1)?.code).toBe("024561");
  });

  it("takes the newest of two; the older one is burnt, also when it comes later", () => {
    const box = waitingBox();
    const older = smsOf(box, "111111");
    const late = smsOf(box, "333333", { receivedAt: box.now + 1_000 });
    box.offer(older);
    box.now += 2_000;
    box.offer(smsOf(box, "222222"));
    expect(box.claim("c1", 1)?.code).toBe("222222");
    expect(box.claim("c1", 1)).toBeNull();
    expect(box.offer(late).wakes).toBeNull();
    expect(box.claim("c1", 1)).toBeNull();
    // A burnt code that is sent again is burnt.
    box.now += 1_000;
    expect(box.offer(smsOf(box, "111111")).wakes).toBeNull();
    expect(box.claim("c1", 1)).toBeNull();
    // The fresh one after a wrong one.
    box.offer(smsOf(box, "444444"));
    expect(box.claim("c1", 1)?.code).toBe("444444");
  });

  /** A mailbox whose code was used, or burnt, by an earlier login; `ask` has another portal's login offered it again. */
  function usedBox(codes = ["024561"]) {
    const box = waitingBox();
    for (const code of codes) {
      box.now += 1;
      box.offer(smsOf(box, code));
    }
    box.claim("c1", 1);
    box.leave("prt_a", 1);
    let asked = 1;
    const ask = (resentAfterMs: number | null = null) => {
      const challengeId = `c${++asked}`;
      box.enter("prt_b", asked);
      const challenge = challengeOf(box, { challengeId, portalId: "prt_b", fence: asked });
      if (resentAfterMs !== null) box.now += resentAfterMs;
      box.expect({ ...challenge, resentAt: resentAfterMs === null ? null : box.now });
      box.offer(smsOf(box, codes[0] ?? ""));
      const code = box.claim(challengeId, asked)?.code ?? null;
      box.leave("prt_b", asked);
      return code;
    };
    return { box, ask };
  }

  it.each([
    ["used", ["024561"]],
    ["burnt", ["024561", "111111"]],
  ])("never gives a %s code a second time within a day, to whomever", (_, codes) => {
    const { box, ask } = usedBox(codes);
    const start = box.now;
    for (const ms of [TEXT_AGE_MS - 1, 5 * TRACE_AGE_MS, USED_AGE_MS - 1]) {
      box.now = start + ms;
      expect([ms, ask()]).toEqual([ms, null]);
    }
    box.now = start + USED_AGE_MS + TRACE_AGE_MS;
    expect(ask()).toBe("024561");
  });

  it("gives an earlier login's code to one that has asked for another SMS, not within 20 minutes", () => {
    const { box, ask } = usedBox();
    box.now += TEXT_AGE_MS;
    expect(ask(75_000)).toBeNull();
    box.now += TRACE_AGE_MS;
    expect(ask()).toBeNull();
    box.now += TRACE_AGE_MS;
    expect(ask(75_000)).toBe("024561");
  });

  it("remembers a bounded number of codes, the newest", () => {
    const box = waitingBox({ deadlineAt: Number.MAX_SAFE_INTEGER });
    for (let i = 0; i < MAX_USED_CODES + 20; i++) {
      box.now += 1;
      box.offer(smsOf(box, `${100_000 + i}`));
      box.claim("c1", 1);
    }
    expect(box.state().used).toHaveLength(MAX_USED_CODES);
    expect(box.state().used.at(-1)?.at).toBe(box.now);
  });

  it("leaves alone what another sender wrote, and takes what nobody signed", () => {
    const box = waitingBox({ senders: ["1600-0987"] });
    expect(box.offer(smsOf(box, "111111", { sender: "01012345678" }))).toEqual({
      kept: true,
      wakes: null,
    });
    expect(box.claim("c1", 1)).toBeNull();
    box.offer(smsOf(box, "024561"));
    expect(box.claim("c1", 1)?.code).toBe("024561");
  });
});

describe("a late SMS", () => {
  /** A first login whose SMS did not come in time, and the next one. */
  function nextLogin(pauseMs: number) {
    const box = waitingBox();
    box.now += 30_000;
    const late = smsOf(box, "111111");
    box.leave("prt_a", 1);
    box.now += pauseMs;
    box.enter("prt_a", 7);
    box.expect(challengeOf(box, { challengeId: "c2", fence: 7 }));
    box.now += 1_000;
    return { box, late };
  }

  it.each([1, 999, 1_001, 60_000])(
    "never answers a newer challenge, received %i ms before it was sent",
    (pauseMs) => {
      const { box, late } = nextLogin(pauseMs);
      expect(box.offer(late)).toEqual({ kept: true, wakes: null });
      expect(box.claim("c2", 7)).toBeNull();
      box.offer(smsOf(box, "222222"));
      expect(box.claim("c2", 7)?.code).toBe("222222");
    },
  );
});

describe("an SMS that is owed to a login", () => {
  it.each(["given up at its deadline", "stopped before"])(
    "%s keeps other portals away for a while",
    (how) => {
      const box = waitingBox();
      box.now += how === "stopped before" ? 30_000 : 180_000;
      box.leave("prt_a", 1);
      expect(box.enter("prt_b", 1)).toEqual({ granted: false, retryAt: box.now + ASK_AGAIN_MS });
      box.now += LATE_SMS_MS - 1;
      expect(box.enter("prt_b", 1)).toEqual({ granted: false, retryAt: box.now + 1 });
      // It comes, and nobody else's login gets it.
      box.offer(smsOf(box, "111111"));
      box.now += 1;
      expect(box.enter("prt_b", 1)).toEqual({ granted: true });
      box.now += 2_000;
      box.expect(challengeOf(box, { challengeId: "c2", portalId: "prt_b" }));
      expect(box.claim("c2", 1)).toBeNull();
    },
  );

  it("does not keep the portal's own next login away, nor anybody once it came", () => {
    const box = waitingBox();
    box.leave("prt_a", 1);
    expect(box.enter("prt_a", 2)).toEqual({ granted: true });
    box.expect(challengeOf(box, { challengeId: "c2", fence: 2 }));
    box.offer(smsOf(box, "024561"));
    expect(box.claim("c2", 2)?.code).toBe("024561");
    box.leave("prt_a", 2);
    expect(box.enter("prt_b", 1)).toEqual({ granted: true });
  });
});

describe("what is kept", () => {
  it("is one SMS per event, not blank, and of the last ten minutes", () => {
    const box = makeMailbox();
    const sms = smsOf(box, "024561");
    expect(box.offer(sms).kept).toBe(true);
    expect(box.offer({ ...sms, text: "999999" }).kept).toBe(false);
    expect(box.offer(smsOf(box, " \n")).kept).toBe(false);
    expect(box.offer(smsOf(box, "1234", { receivedAt: box.now - TEXT_AGE_MS })).kept).toBe(false);
    expect(box.offer(smsOf(box, "1234", { receivedAt: 0 })).kept).toBe(false);
    expect(box.state().sms.map(({ text }) => text)).toEqual(["024561"]);
  });

  it("does not trust a clock that is ahead", () => {
    const box = waitingBox();
    box.offer(smsOf(box, "111111", { receivedAt: box.now + 1e9 }));
    expect(box.claim("c1", 1)?.receivedAt).toBe(box.now);
    box.now += 1;
    box.offer(smsOf(box, "222222"));
    expect(box.claim("c1", 1)?.code).toBe("222222");
  });

  it("is bounded: texts, their length, senders, and traces", () => {
    const box = makeMailbox();
    box.offer(smsOf(box, "x".repeat(100_000), { sender: "9".repeat(100_000) }));
    expect(box.state().sms[0]?.text).toHaveLength(MAX_TEXT_CHARS);
    expect(JSON.stringify(box.state()).length).toBeLessThan(MAX_TEXT_CHARS + 500);
    for (let i = 0; i < 3 * MAX_KEPT_TEXTS; i++) {
      box.now += 1;
      box.offer(smsOf(box, `n ${i}`));
    }
    const texts = box.state().sms.map(({ text }) => text);
    expect(texts).toHaveLength(MAX_KEPT_TEXTS);
    expect(texts.at(-1)).toBe(`n ${3 * MAX_KEPT_TEXTS - 1}`);
  });

  it("forgets burnt codes before those that were handed out", () => {
    const box = waitingBox({ deadlineAt: Number.MAX_SAFE_INTEGER });
    const claimed = new Set<string>();
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < MAX_KEPT_TEXTS; j++) {
        box.now += 1;
        box.offer(smsOf(box, `${10_000 + i * 100 + j}`));
      }
      const code = box.claim("c1", 1)?.code;
      if (code) claimed.add(code);
    }
    expect(claimed.size).toBe(20);
    expect(box.state().sms.filter(({ state }) => state === "claimed")).toHaveLength(20);
    box.offer(smsOf(box, "hello"));
    expect(box.state().sms.length).toBeLessThanOrEqual(MAX_TRACES + MAX_KEPT_TEXTS + 20);
    for (const code of claimed) {
      box.now += 1;
      expect(box.offer(smsOf(box, code)).wakes).toBeNull();
    }
  });

  it("loses its text after 10 minutes, its trace after 20, and then nothing is left", () => {
    const box = waitingBox();
    box.offer(smsOf(box, "secret 024561", { sender: "01012345678" }));
    const at = box.now;
    box.now = at + TEXT_AGE_MS;
    box.forget();
    expect(JSON.stringify(box.state())).not.toMatch(/024561|01012345678/);
    expect(box.state().sms).toHaveLength(1);
    expect(nextForgetting(box.state())).toBe(at + TRACE_AGE_MS);
    expect(isEmpty(box.state())).toBe(false);
    box.now = at + TRACE_AGE_MS;
    box.forget();
    expect(isEmpty(box.state())).toBe(true);
    expect(nextForgetting(box.state())).toBeNull();
  });

  it("of a code that was handed out is its hash, for a day", () => {
    const box = waitingBox();
    box.offer(smsOf(box, "024561"));
    const at = box.now;
    box.claim("c1", 1);
    box.leave("prt_a", 1);
    box.now = at + TRACE_AGE_MS;
    box.forget();
    expect(box.state()).toMatchObject({ sms: [], used: [{ at }] });
    expect(nextForgetting(box.state())).toBe(at + USED_AGE_MS);
    box.now = at + USED_AGE_MS;
    box.forget();
    expect(isEmpty(box.state())).toBe(true);
  });
});
