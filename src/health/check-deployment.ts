import type { Deps } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { type Backlog, readBacklog } from "../events/index.ts";
import { log } from "../log.ts";
import {
  CHECK_TIMEOUT_MS,
  OVERDUE_FAILING_MS,
  OVERDUE_RECOVERED_MS,
  QUEUE_FAILING_MS,
  QUEUE_RECOVERED_MS,
} from "./constants.ts";
import type { CheckRow, Finding } from "./finding.ts";

const LINK = "/dashboard#health";

/**
 * Asks every event database, and what waits in them. A limit has two values, one to fail and a lower one to recover, so
 * that a value near it does not alert every minute. What waits in a database that does not answer is unknown: then only
 * a fault in another one changes anything.
 */
export async function checkDeployment(
  { shards }: Pick<Deps, "shards">,
  known: ReadonlyMap<string, CheckRow>,
): Promise<Finding[]> {
  const was = (name: string) => known.get(name)?.state === "failing";
  const overdueMs = was("deliveries") ? OVERDUE_RECOVERED_MS : OVERDUE_FAILING_MS;
  const backlogs = await Promise.all(shards.map((db, n) => askShard(db, n, overdueMs)));
  const databases = backlogs.map((backlog, n) =>
    finding(
      `events_${n}`,
      backlog === null,
      backlog === null ? `Event database ${n} does not answer.` : `Event database ${n} answers.`,
    ),
  );
  const answered = backlogs.flatMap((backlog) => backlog ?? []);
  const waiting = answered.flatMap(({ oldestUnrouted }) => oldestUnrouted ?? []);
  const ageMs = waiting.length > 0 ? Date.now() - Math.min(...waiting) : 0;
  const overdue = answered.reduce((sum, backlog) => sum + backlog.overdue, 0);
  const waits = [
    finding(
      "queue",
      ageMs > (was("queue") ? QUEUE_RECOVERED_MS : QUEUE_FAILING_MS),
      ageMs === 0
        ? "Every event is routed."
        : `An event has waited ${minutes(ageMs)} for its rules.`,
    ),
    finding(
      "deliveries",
      overdue > 0,
      overdue === 0
        ? "No delivery is overdue."
        : `${overdue} deliveries are more than ${minutes(overdueMs)} past their time.`,
    ),
  ];
  const allAnswered = answered.length === shards.length;
  return [
    ...databases,
    ...waits.flatMap((found) => (allAnswered ? found : unlessUnknown(found, known))),
  ];
}

/** A fault stands; anything else stays what it was, and is left out when nothing is known of it. */
function unlessUnknown(found: Finding, known: ReadonlyMap<string, CheckRow>): Finding[] {
  const state = found.state === "failing" ? found.state : known.get(found.name)?.state;
  return state === undefined ? [] : [{ ...found, state }];
}

function finding(name: string, isFailing: boolean, summary: string): Finding {
  const state = isFailing ? "failing" : "ok";
  return { name, organizationId: null, state, summary, link: LINK, evidence: null, leftAt: null };
}

function minutes(ms: number): string {
  return `${Math.floor(ms / 60_000)} min`;
}

/** Null when the database fails or is late. */
async function askShard(db: EventsDb, n: number, overdueMs: number): Promise<Backlog | null> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer in time")), CHECK_TIMEOUT_MS);
  try {
    return await Promise.race([readBacklog(db, overdueMs), late.promise]);
  } catch (error) {
    log.error("health_check_failed", { check: `events_${n}`, error });
    return null;
  } finally {
    clearTimeout(timer);
  }
}
