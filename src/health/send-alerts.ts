import { and, asc, eq, lte, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { alertSettings, alerts, destinations } from "../db/schema/control.ts";
import { type Called, callDestination, type Destination } from "./call-destination.ts";
import {
  ALERT_LIFETIME_MS,
  ALERT_RETRY_MS,
  ALERTS_IN_FLIGHT,
  MAX_ALERT_RETRY_MS,
  MAX_SENT_ALERTS,
  MAX_SENT_OF_ORGANIZATION,
} from "./constants.ts";
import type { AlertRow } from "./finding.ts";

type Sending = Pick<Deps, "db" | "settings" | "gates" | "channels" | "mailboxes" | "bodies">;

/** Sends the alerts that are due, in turn of the organizations, each one's oldest first. Returns how many arrived. */
export async function sendAlerts(deps: Sending): Promise<number> {
  const due = await findDue(deps);
  let sent = 0;
  for (let i = 0; i < due.length; i += ALERTS_IN_FLIGHT) {
    const some = due.slice(i, i + ALERTS_IN_FLIGHT);
    const arrived = await Promise.all(
      some.map(({ alert, destination }) => sendAlert(deps, alert, destination)),
    );
    sent += arrived.filter(Boolean).length;
  }
  return sent;
}

function findDue({ db }: Sending) {
  const due = db
    .select({
      id: alerts.id,
      turn: sql<number>`row_number() OVER (
        PARTITION BY ${alerts.organizationId} ORDER BY ${alerts.nextAttemptAt}, ${alerts.id})`.as(
        "turn",
      ),
    })
    .from(alerts)
    .where(sql`${alerts.status} = 'pending' AND ${lte(alerts.nextAttemptAt, Date.now())}`)
    .as("due");
  return db
    .select({ alert: alerts, destination: destinations })
    .from(due)
    .innerJoin(alerts, eq(alerts.id, due.id))
    .leftJoin(alertSettings, eq(alertSettings.organizationId, alerts.organizationId))
    .leftJoin(destinations, eq(destinations.id, alertSettings.destinationId))
    .where(lte(due.turn, MAX_SENT_OF_ORGANIZATION))
    .orderBy(asc(due.turn), asc(alerts.nextAttemptAt))
    .limit(MAX_SENT_ALERTS);
}

async function sendAlert(
  deps: Sending,
  alert: AlertRow,
  destination: Destination | null,
): Promise<boolean> {
  if (!(await claim(deps, alert))) return false;
  const called = await callDestination(deps, alert, destination);
  await deps.db
    .update(alerts)
    .set({ destinationId: destination?.id ?? null, ...fateOf(alert, called, destination) })
    .where(eq(alerts.id, alert.id));
  return called.kind === "sent";
}

function fateOf(
  alert: AlertRow,
  called: Called,
  destination: Destination | null,
): Partial<AlertRow> {
  if (called.kind === "sent") {
    return { status: "sent", reason: null, nextAttemptAt: null, sentAt: Date.now() };
  }
  const { kind, reason, until } = called;
  const isLast = alert.createdAt < Date.now() - ALERT_LIFETIME_MS || destination === null;
  const end = isLast && { status: "failed" as const, nextAttemptAt: null };
  // What was not even tried has used no try up.
  if (kind === "held") return { reason, attempt: alert.attempt, nextAttemptAt: until, ...end };
  return { reason, nextAttemptAt: Math.max(until, Date.now() + waitOf(alert)), ...end };
}

/** The wait after this try. */
function waitOf({ attempt }: AlertRow): number {
  return Math.min(ALERT_RETRY_MS * 2 ** attempt, MAX_ALERT_RETRY_MS);
}

/**
 * Counts the try and sets the time of the next one before the call: of two runs one sends, and an alert whose process
 * dies comes again, with the same `webhook-id`.
 */
async function claim({ db }: Sending, alert: AlertRow): Promise<boolean> {
  const claimed = await db
    .update(alerts)
    .set({ attempt: alert.attempt + 1, nextAttemptAt: Date.now() + waitOf(alert) })
    .where(
      and(
        eq(alerts.id, alert.id),
        eq(alerts.attempt, alert.attempt),
        eq(alerts.status, "pending"),
        // One that was held meanwhile has the same count again.
        sql`${alerts.nextAttemptAt} IS ${alert.nextAttemptAt}`,
      ),
    )
    .returning({ id: alerts.id });
  return claimed.length > 0;
}
