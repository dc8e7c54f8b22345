import type { Deps } from "../context.ts";
import type { destinations } from "../db/schema/control.ts";
import {
  DEFAULT_TIMEOUT_MS,
  type DestinationConfig,
  type DestinationKind,
  deliver,
  type Earlier,
  type Outcome,
  openConfig,
  receiptsOf,
} from "../destinations/index.ts";
import { type GateConfig, gateConfigOf, type Health } from "../gates/index.ts";
import { newId } from "../ids.ts";
import { log } from "../log.ts";
import { alertEvent } from "./alert-event.ts";
import { ALERT_LEASE_MARGIN_MS } from "./constants.ts";
import type { AlertRow } from "./finding.ts";

export type Destination = typeof destinations.$inferSelect;

/** What came of a call. `held`: none was made. `until`: not before this time again (ms UTC). */
export type Called = { kind: "sent" } | { kind: "failed" | "held"; reason: string; until: number };

type Calling = Pick<Deps, "settings" | "gates" | "channels" | "mailboxes" | "db" | "bodies">;

/** Failures that say nothing about the receiver; a breaker does not count them. */
const OWN_FAULTS: readonly string[] = ["unsendable_request", "blocked_url", "internal_error"];

/**
 * One call of the destination's driver. An alert waits for a destination that is paused, and goes through its gate like
 * a delivery without order: it is one more call to a receiver that has asked for few.
 */
export async function callDestination(
  deps: Calling,
  alert: AlertRow,
  destination: Destination | null,
): Promise<Called> {
  if (!destination) return failed("destination_deleted");
  if (!destination.enabled) return failed("destination_disabled");
  const { pausedUntil } = destination;
  if (pausedUntil !== null && pausedUntil > Date.now()) {
    return { kind: "held", reason: "destination_paused", until: pausedUntil };
  }
  try {
    const config = await openConfig(deps.settings, destination);
    const call = () => callDriver(deps, alert, destination, config);
    const gate = gateConfigOf(destination);
    const outcome = gate
      ? await callThroughGate(deps, alert, destination.id, gate, config, call)
      : await call();
    if (outcome === null) return { kind: "held", reason: "gate_closed", until: Date.now() };
    if (outcome.ok) return { kind: "sent" };
    const { reason, retryAfterMs } = outcome;
    return failed(reason, Date.now() + (retryAfterMs ?? 0));
  } catch (error) {
    log.error("alert_not_sent", { alertId: alert.id, error });
    return failed("internal_error");
  }
}

function failed(reason: string, until = 0): Called {
  return { kind: "failed", reason, until };
}

async function callDriver(
  deps: Calling,
  alert: AlertRow,
  destination: Destination,
  config: DestinationConfig,
): Promise<Outcome> {
  const kind = destination.kind as DestinationKind;
  const { outcome } = await deliver(kind, config, {
    deliveryId: alert.id,
    organizationId: alert.organizationId,
    destinationId: destination.id,
    number: alert.attempt + 1,
    event: alertEvent(deps.settings, kind, alert),
    settings: deps.settings,
    stores: deps,
    ...(alert.attempt > 0 && receiptsOf(kind) && { earlier: earlierOf(alert) }),
  });
  return outcome;
}

/** An alert keeps no account of its tries: whatever it may have sent since it was raised is looked up. */
function earlierOf({ attempt, createdAt }: AlertRow): Earlier {
  return {
    receipt: null,
    doubts: [{ number: attempt, from: createdAt, to: Date.now() }],
    rivals: async () => ({ taken: new Set(), isBusy: false }),
  };
}

/** Null when the gate lets nothing through now: the alert leaves the line, and asks again in the next run. */
async function callThroughGate(
  { gates }: Calling,
  alert: AlertRow,
  destinationId: string,
  gateConfig: GateConfig,
  config: DestinationConfig,
  call: () => Promise<Outcome>,
): Promise<Outcome | null> {
  const gate = gates.getByName(destinationId);
  // Ids of a delivery: when this process dies with the permit, the gate asks after it, and hears that there is none.
  const deliveryId = newId("delivery", Date.now(), 0);
  const eventId = newId("event", alert.createdAt, 0);
  const place = { deliveryId, eventId, key: null, attempt: alert.attempt, dueAt: null };
  const timeoutMs = "timeoutMs" in config ? config.timeoutMs : DEFAULT_TIMEOUT_MS;
  const answer = await gate.acquire(gateConfig, place, timeoutMs + ALERT_LEASE_MARGIN_MS);
  if (answer.kind !== "go") {
    await gate.settle([deliveryId]);
    return null;
  }
  const { permitId, waitMs } = answer;
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  let health: Health = "neutral";
  try {
    const outcome = await call();
    if (outcome.ok) health = "success";
    else if (!OWN_FAULTS.includes(outcome.reason)) health = "failure";
    return outcome;
  } finally {
    await gate.report({ permitId, deliveryId, dueAt: null, health }).catch((error: unknown) => {
      // Its lease ends it; what the receiver said is worth more.
      log.warn("permit_kept", { alertId: alert.id, error });
    });
  }
}
