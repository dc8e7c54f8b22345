import { and, asc, eq, lte, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { alertSettings, alerts, destinations } from "../db/schema/control.ts";
import { type DestinationKind, deliver, openConfig } from "../destinations/index.ts";
import { log } from "../log.ts";
import { alertEvent } from "./alert-event.ts";
import {
  ALERT_LIFETIME_MS,
  ALERT_RETRY_MS,
  ALERTS_IN_FLIGHT,
  MAX_ALERT_RETRY_MS,
  MAX_SENT_ALERTS,
} from "./constants.ts";
import type { AlertRow } from "./finding.ts";

type Sending = Pick<Deps, "db" | "settings">;
type Destination = typeof destinations.$inferSelect;

/** Sends the alerts that are due, oldest first. Returns how many arrived. */
export async function sendAlerts(deps: Sending): Promise<number> {
  const due = await deps.db
    .select({ alert: alerts, destination: destinations })
    .from(alerts)
    .leftJoin(alertSettings, eq(alertSettings.organizationId, alerts.organizationId))
    .leftJoin(destinations, eq(destinations.id, alertSettings.destinationId))
    .where(sql`${alerts.status} = 'pending' AND ${lte(alerts.nextAttemptAt, Date.now())}`)
    .orderBy(asc(alerts.nextAttemptAt))
    .limit(MAX_SENT_ALERTS);
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

async function sendAlert(
  deps: Sending,
  alert: AlertRow,
  destination: Destination | null,
): Promise<boolean> {
  if (!(await claim(deps, alert))) return false;
  const reason = await call(deps, alert, destination);
  const isLast = alert.createdAt < Date.now() - ALERT_LIFETIME_MS || destination === null;
  const end = reason === null ? "sent" : isLast ? "failed" : null;
  await deps.db
    .update(alerts)
    .set({
      reason,
      destinationId: destination?.id ?? null,
      ...(end && { status: end, nextAttemptAt: null }),
      ...(end === "sent" && { sentAt: Date.now() }),
    })
    .where(eq(alerts.id, alert.id));
  return reason === null;
}

/**
 * Counts the try and sets the time of the next one before the call: of two runs one sends, and an alert whose process
 * dies comes again, with the same `webhook-id`.
 */
async function claim({ db }: Sending, alert: AlertRow): Promise<boolean> {
  const waitMs = Math.min(ALERT_RETRY_MS * 2 ** alert.attempt, MAX_ALERT_RETRY_MS);
  const claimed = await db
    .update(alerts)
    .set({ attempt: alert.attempt + 1, nextAttemptAt: Date.now() + waitMs })
    .where(
      and(eq(alerts.id, alert.id), eq(alerts.attempt, alert.attempt), eq(alerts.status, "pending")),
    )
    .returning({ id: alerts.id });
  return claimed.length > 0;
}

/** One call of the destination's driver. Null when it arrived, else why not. */
async function call(
  { settings }: Sending,
  alert: AlertRow,
  destination: Destination | null,
): Promise<string | null> {
  if (!destination) return "destination_deleted";
  if (!destination.enabled) return "destination_disabled";
  const kind = destination.kind as DestinationKind;
  try {
    const { outcome } = await deliver(kind, await openConfig(settings, destination), {
      deliveryId: alert.id,
      number: alert.attempt + 1,
      event: alertEvent(settings, kind, alert),
      settings,
    });
    return outcome.ok ? null : outcome.reason;
  } catch (error) {
    log.error("alert_not_sent", { alertId: alert.id, error });
    return "internal_error";
  }
}
