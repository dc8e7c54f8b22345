import { setTimeout as sleep } from "node:timers/promises";
import { startReceiver } from "../support/receiver.ts";
import { startSession } from "../support/session.ts";
import {
  compareCalls,
  countUnfinished,
  header,
  type RecordedDelivery,
  readLedger,
} from "./ledger.ts";
import { seededRandom } from "./random.ts";
import { makeRelay, sendEvent } from "./relay.ts";

export type CrashOptions = {
  kills: number;
  seed: number;
  /** Events a second, over all sources; the local runtime is no production. */
  rate?: number;
  /** How long the deliveries may take to end once the last kill is over, in milliseconds. */
  drainMs?: number;
  print?: (line: string) => void;
};

/** What a run came to; all but the counts must be empty or 0. */
export type CrashReport = {
  seed: number;
  kills: number;
  acknowledged: number;
  refused: number;
  deliveries: number;
  attempts: number;
  interrupted: number;
  /** Acknowledged events without a delivery, or whose delivery the receiver never saw. */
  lost: string[];
  /** Calls that the receiver has seen and Baton has not on record. */
  unrecorded: string[];
  /** Calls that came with the number of an earlier one. */
  doubled: number;
  unfinished: number;
};

/** What the destinations do, and how often an event goes there. */
const MIX = {
  well: { share: 0.5, schedule: [0, 2, 2, 2, 4, 4, 8, 8] },
  flaky: { share: 0.25, schedule: [0, 2, 2, 2, 2, 2, 4, 4, 4, 4, 8, 8] },
  slow: { share: 0.2, schedule: [0, 2, 2, 2, 4, 4, 8, 8] },
  hang: { share: 0.05, schedule: [0, 2, 2] },
} as const;
type Kind = keyof typeof MIX;
const KINDS = Object.keys(MIX) as Kind[];

const FLAKY_SHARE = 0.3;
const LONGEST_SLOW_MS = 600;
/** How long a session lives between its start and its end, in milliseconds. */
const SHORTEST_LIFE_MS = 300;
const LONGEST_LIFE_MS = 3500;
const SENDERS = 4;
/** Short enough that what one kill interrupted runs again before the next. */
const ENVIRONMENT = { BATON_TICK_MS: "1000", BATON_VAR_LEASE_MARGIN_MS: "3000" };

/** Loads a local session, ends it with SIGKILL again and again, and says what became of every acknowledged event. */
export async function crashAndCheck(options: CrashOptions): Promise<CrashReport> {
  const { kills, seed, rate = 25, drainMs = 90_000, print = () => {} } = options;
  const random = seededRandom(seed);
  // The receiver has numbers of its own: how many calls it gets does not change when the kills come.
  const chance = seededRandom(seed + 1);
  const receiver = await startReceiver(0, ({ url }) => {
    if (url.startsWith("/flaky")) return chance() < FLAKY_SHARE ? "/status/503" : "/ok";
    if (url.startsWith("/slow")) return `/slow/${Math.round(chance() * LONGEST_SLOW_MS)}`;
    return undefined;
  });
  let session = await startSession({ env: ENVIRONMENT });
  for (const kind of KINDS) {
    await makeRelay(session, kind, `${receiver.url}/${kind}`, MIX[kind].schedule);
  }

  const acknowledged: string[] = [];
  let refused = 0;
  let isLoading = true;
  const sender = async () => {
    while (isLoading) {
      const id = await sendEvent(session, pickKind(random()));
      if (id === null) refused++;
      else acknowledged.push(id);
      await sleep((1000 * SENDERS) / rate);
    }
  };
  const senders = Array.from({ length: SENDERS }, sender);
  for (let kill = 1; kill <= kills; kill++) {
    const lifeMs = SHORTEST_LIFE_MS + random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS);
    await sleep(lifeMs);
    await session.kill();
    print(
      `kill ${kill}/${kills} after ${Math.round(lifeMs)} ms: ${acknowledged.length} acknowledged`,
    );
    session = await startSession({ env: session.env });
  }
  isLoading = false;
  await Promise.all(senders);

  const deadline = Date.now() + drainMs;
  let unfinished = await countUnfinished(session);
  while (unfinished > 0 && Date.now() < deadline) {
    await sleep(500);
    unfinished = await countUnfinished(session);
  }
  const ledger = await readLedger(session);
  const { unrecorded, doubled, attempts } = compareCalls(receiver.received, ledger);
  const seen = new Set(receiver.received.map((got) => header(got, "webhook-id")));
  await session.stop();
  await receiver.close();
  return {
    seed,
    kills,
    acknowledged: acknowledged.length,
    refused,
    deliveries: ledger.length,
    attempts,
    interrupted: ledger.flatMap((d) => d.attempts).filter((a) => a.outcome === "interrupted")
      .length,
    lost: findLost(acknowledged, ledger, seen),
    unrecorded,
    doubled,
    unfinished,
  };
}

function findLost(acknowledged: string[], ledger: RecordedDelivery[], seen: Set<string>): string[] {
  const byEvent = new Map(ledger.map((delivery) => [delivery.eventId, delivery]));
  return acknowledged.filter((id) => !seen.has(byEvent.get(id)?.id ?? ""));
}

function pickKind(random: number): Kind {
  let rest = random;
  for (const kind of KINDS) {
    rest -= MIX[kind].share;
    if (rest < 0) return kind;
  }
  return "well";
}
