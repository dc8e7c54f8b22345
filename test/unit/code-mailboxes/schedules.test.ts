import { expect, it } from "vitest";
import { TEXT_AGE_MS } from "../../../src/code-mailboxes/constants.ts";
import type { Challenge, Sms } from "../../../src/code-mailboxes/rpc.ts";
import { type Box, challengeOf, makeMailbox, smsOf } from "./support.ts";

const SCHEDULES = 10_000;
const PORTALS = ["prt_a", "prt_b", "prt_c"];

/** Mulberry32: the same schedules each time. */
function randomFrom(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Sent = Sms & { for: string | null };

/**
 * Three accounts with one phone log in, fail and begin again in any order, also while another one does. The site sends
 * codes, some of them used before; queues and retries bring each SMS late, twice, or never.
 */
function run(seed: number) {
  const random = randomFrom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const box: Box = makeMailbox();
  const fences = new Map(PORTALS.map((portal) => [portal, 0]));
  const challenges: Challenge[] = [];
  const underWay: Sent[] = [];
  const claims: {
    code: string;
    at: number;
    challengeId: string;
    senders: string[];
    sms: Sent | undefined;
  }[] = [];
  const sent: Sent[] = [];

  const steps: Record<string, () => void> = {
    enter() {
      const portal = pick(PORTALS);
      const fence = (fences.get(portal) ?? 0) + 1;
      const { granted } = box.enter(portal, fence, 1 + random() * 300_000);
      if (!granted) return;
      fences.set(portal, fence);
    },
    ask() {
      const portalId = pick(PORTALS);
      const challenge = challengeOf(box, {
        challengeId: `c${challenges.length}`,
        portalId,
        fence: fences.get(portalId) ?? 0,
        deadlineAt: box.now + pick([1_000, 60_000, 180_000]),
        senders: pick([[], ["16000987"]]),
      });
      if (!box.expect(challenge)) return;
      challenges.push(challenge);
      box.now += 1 + Math.floor(random() * 3_000);
      // Received while the login has the phone; what comes afterwards nobody could tell apart.
      if (box.state().lock === null || (box.state().lock?.until ?? 0) <= box.now) return;
      for (let i = 0; i < pick([0, 1, 1, 2]); i++) {
        const code = `${100_000 + Math.floor(random() * 30)}`;
        const sender = pick([null, "1600-0987"]);
        const sms = { ...smsOf(box, code, { sender }), for: challenge.challengeId };
        underWay.push(sms, ...(random() < 0.3 ? [sms] : []));
        sent.push(sms);
      }
    },
    noise() {
      const text = pick(["[광고] 할인", "999999"]);
      const sms = { ...smsOf(box, text, { sender: "01099999999" }), for: null };
      underWay.push(sms);
      sent.push(sms);
    },
    arrive() {
      if (underWay.length === 0) return;
      const at = Math.floor(random() * underWay.length);
      const [sms] = random() < 0.8 ? underWay.splice(at, 1) : [underWay[at]];
      if (sms) box.offer(sms);
    },
    claim() {
      const challenge = challenges.length > 0 ? pick(challenges.slice(-3)) : null;
      if (!challenge) return;
      const { challengeId, fence } = challenge;
      const got = box.claim(challengeId, fence);
      if (!got) return;
      const sms = sent.find((each) => each.text === got.code && each.receivedAt === got.receivedAt);
      claims.push({ code: got.code, at: box.now, challengeId, senders: challenge.senders, sms });
      const { lock } = box.state();
      if (lock?.portalId !== challenge.portalId || lock.fence !== fence) {
        throw new Error(`seed ${seed}: a code for a login that does not have the phone`);
      }
    },
    leave() {
      const portal = pick(PORTALS);
      box.leave(portal, (fences.get(portal) ?? 0) - pick([0, 0, 1]));
    },
    wait() {
      box.now += Math.floor(random() * pick([500, 30_000, 300_000]));
    },
    forget: () => box.forget(),
  };
  const often = ["enter", "ask", "ask", "arrive", "arrive", "arrive", "claim", "claim", "claim"];
  const names = [...Object.keys(steps), ...often];
  for (let i = 0; i < 60; i++) {
    box.now += 1;
    steps[pick(names)]?.();
  }
  return { claims, challenges };
}

/** The first claim that gave a code twice, or to another login than the one it was sent for. */
function firstWrong({ claims }: ReturnType<typeof run>) {
  return claims.find(({ code, at, challengeId, senders, sms }, i) => {
    // A portal that names no sender takes what anybody wrote meanwhile.
    const isAnybodys = senders.length === 0 && sms?.for === null;
    const isAgain = claims
      .slice(i + 1)
      .some((other) => other.sms === sms || (other.code === code && other.at < at + TEXT_AGE_MS));
    return isAgain || !(sms?.for === challengeId || isAnybodys);
  });
}

it(`in ${SCHEDULES} schedules no code is given twice, and none to a login that it was not sent for`, () => {
  const wrong: unknown[] = [];
  let given = 0;
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const schedule = run(seed);
    given += schedule.claims.length;
    const claim = firstWrong(schedule);
    if (claim) wrong.push({ seed, claim });
  }
  expect(wrong).toEqual([]);
  // Or nothing would be shown.
  expect(given).toBeGreaterThan(SCHEDULES / 4);
}, 60_000);
