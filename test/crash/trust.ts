import { setTimeout as sleep } from "node:timers/promises";
import { startReceiver } from "../support/receiver.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { compareCalls, countUnfinished, header, readLedger } from "./ledger.ts";
import { seededRandom } from "./random.ts";
import { makeRelay, sendEvent } from "./relay.ts";

export type TrustOptions = {
  events: number;
  seed: number;
  /** When the destination goes away after the first event, and for how long, in milliseconds. */
  downAfterMs: number;
  downForMs: number;
  deadlineMs: number;
  /** Where; absent: a session of its own. */
  session?: TestSession;
  /** The destination's `rate.perSecond`; absent: none. */
  perSecond?: number;
  print?: (line: string) => void;
};

/** What a run came to. `missing` (within the deadline), `unrecorded`, `doubled` and `unexplained` must be 0. */
export type TrustReport = {
  events: number;
  sendSeconds: number;
  /** From the first event to the arrival of the last one that had not come before. */
  seconds: number;
  missing: number;
  calls: number;
  attempts: number;
  unrecorded: number;
  doubled: number;
  /** Attempts that the receiver never saw, though it was not away. */
  unexplained: number;
  /** Attempts that found nobody listening. */
  unreachable: number;
  /** The most calls that any sliding second at the receiver has seen. */
  busiestSecond: number;
};

const SCHEDULE = [0, 2, 2, 2, 4, 4, 8, 8, 15, 15, 30, 30];
const FAILING_SHARE = 0.3;
const HANGING_SHARE = 0.1;
const SENDERS = 8;
/** Between two looks whether all have arrived, in milliseconds, and how many of them a line of output has. */
const LOOK_MS = 250;
const LOOKS_TOLD = 40;
/** How often it looks whether every outcome is on record. */
const MOST_LOOKS = 60;

/** A destination that fails, hangs and goes away for a while gets every event at least once, and Baton knows each call. */
export async function deliverToUnreliable(options: TrustOptions): Promise<TrustReport> {
  const { events, seed, downAfterMs, downForMs, deadlineMs, perSecond, print = () => {} } = options;
  const chance = seededRandom(seed);
  const taken = new Map<string, number>();
  const receiver = await startReceiver(0, (got) => {
    const draw = chance();
    if (draw < HANGING_SHARE) return "/hang";
    if (draw < HANGING_SHARE + FAILING_SHARE) return "/status/500";
    const event = header(got, "x-baton-event-id");
    if (!taken.has(event)) taken.set(event, Date.now());
    return "/ok";
  });
  const session = options.session ?? (await startSession());
  const slug = `trust-${perSecond ?? "free"}`;
  const { destinationId } = await makeRelay(session, slug, `${receiver.url}/trust`, SCHEDULE, {
    ...(perSecond !== undefined && { rate: { perSecond } }),
  });

  const startedAt = Date.now();
  const since = () => Math.round((Date.now() - startedAt) / 1000);
  const outage = (async () => {
    await sleep(downAfterMs);
    await receiver.goAway();
    print(`${since()} s: the destination goes away, ${taken.size} taken`);
    await sleep(downForMs);
    await receiver.comeBack();
    print(`${since()} s: the destination is back, ${taken.size} taken`);
  })();

  let left = events;
  const sent: string[] = [];
  const sender = async () => {
    while (left-- > 0) {
      const id = await sendEvent(session, slug);
      if (id === null) left++;
      else sent.push(id);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  const sendSeconds = since();
  print(`${sendSeconds} s: ${sent.length} acknowledged`);
  await outage;
  let looks = 0;
  while (Date.now() - startedAt < deadlineMs && !sent.every((id) => taken.has(id))) {
    await sleep(LOOK_MS);
    if (looks++ % LOOKS_TOLD === 0) {
      print(`${since()} s: ${taken.size} of ${events} taken, ${receiver.received.length} calls`);
    }
  }
  const inTime = (id: string) => (taken.get(id) ?? Infinity) - startedAt <= deadlineMs;
  const missing = sent.filter((id) => !inTime(id)).length;
  const latest = Math.max(...sent.map((id) => taken.get(id) ?? Date.now()));
  // The outcome of the last calls is written after their answers.
  const unfinished = () => countUnfinished(session, destinationId);
  for (let i = 0; i < MOST_LOOKS && (await unfinished()) > 0; i++) await sleep(LOOK_MS);
  const ledger = await readLedger(session, destinationId);
  const { unrecorded, doubled, unseen, attempts } = compareCalls(receiver.received, ledger);
  const unreachable = unseen.filter(({ reason }) => reason === "connection_failed").length;
  if (!options.session) await session.stop();
  await receiver.close();
  return {
    events: sent.length,
    sendSeconds,
    seconds: Math.round((latest - startedAt) / 1000),
    missing,
    calls: receiver.received.length,
    attempts,
    unrecorded: unrecorded.length,
    doubled,
    unexplained: unseen.length - unreachable,
    unreachable,
    busiestSecond: busiest(receiver.received.map(({ at }) => at)),
  };
}

/** The most of these times (ms) that fall into any window of a second. */
function busiest(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [last, at] of sorted.entries()) {
    while ((sorted[first] ?? at) <= at - 1000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
