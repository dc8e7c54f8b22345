import { eq } from "drizzle-orm";
import { type Context, shardOfId } from "../context.ts";
import { fromBase64 } from "../crypto.ts";
import { deliveries } from "../db/schema/events.ts";
import {
  cappedHeaders,
  defaultSchedule,
  httpOutcome,
  MAX_STORED_RESPONSE_BYTES,
  type Outcome,
} from "../destinations/index.ts";
import { BatonError } from "../errors.ts";
import type { Delivery } from "./claim-delivery.ts";
import { getDeliveryInOrganization } from "./get-delivery.ts";
import type { RecordAnswer } from "./listen-schemas.ts";
import { findListener } from "./listener.ts";
import { recordedRequest } from "./listener-request.ts";
import { loadEvents } from "./load-events.ts";
import { presentSummary } from "./present-delivery.ts";
import { recordOutcome, type Timed } from "./record-outcome.ts";
import type { DeliverySummary } from "./schemas.ts";

type Answer = Extract<RecordAnswer, { response: unknown }>["response"];
type NoAnswer = Extract<RecordAnswer, { error: unknown }>["error"];

/** Writes what came of a listener's call, as of a call of our own. 409 when its lease has ended meanwhile. */
export async function recordAnswer(
  ctx: Context,
  id: string,
  input: RecordAnswer,
): Promise<DeliverySummary> {
  const { row } = await getDeliveryInOrganization(ctx, id);
  if (row.status !== "delivering" || row.leaseId !== input.leaseId) throw leaseGone(row);
  const listener = await findListener(ctx, row.destinationId);
  const destination = {
    id: row.destinationId,
    kind: "listen" as const,
    schedule: listener?.retrySchedule ?? defaultSchedule("listen"),
    updatedAt: listener?.updatedAt ?? 0,
    gate: null,
  };
  const result = await resultOf(ctx, row, input);
  const step = await recordOutcome(ctx, { row, destination, uncounted: row.uncounted }, result);
  if (!step) throw leaseGone(row);
  const written = await shardOfId(ctx, "delivery", id)
    .select()
    .from(deliveries)
    .where(eq(deliveries.id, id))
    .get();
  return presentSummary(written ?? row);
}

function leaseGone({ status }: Delivery): BatonError {
  return new BatonError(
    "conflict",
    `This claim has ended (the delivery is ${status} by now); its outcome cannot be recorded any more. Claim the delivery again when it is due.`,
  );
}

async function resultOf(ctx: Context, row: Delivery, input: RecordAnswer): Promise<Timed> {
  const event = (await loadEvents(ctx, [row.eventId])).get(row.eventId);
  const request = event && recordedRequest(row, event, input.url);
  const timed = { startedAt: startOf(row, input.startedAt), durationMs: input.durationMs };
  if ("error" in input) {
    const { detail } = input.error;
    return {
      ...timed,
      outcome: outcomeOf(input.error),
      ...(request && { request: { ...request, ...(detail !== undefined && { detail }) } }),
    };
  }
  const { status, headers } = input.response;
  const retryAfter = headers.find(([name]) => name.toLowerCase() === "retry-after")?.[1] ?? null;
  return {
    ...timed,
    outcome: httpOutcome(status, retryAfter, Date.now()),
    ...(request && { request }),
    ...keptOf(input.response),
  };
}

/** Another clock's word counts only within the claim. */
function startOf({ startedAt }: Delivery, told: number | undefined): number {
  const claimedAt = startedAt ?? Date.now();
  return told !== undefined && told >= claimedAt && told <= Date.now() ? told : claimedAt;
}

function outcomeOf({ reason }: NoAnswer): Outcome {
  const retry = reason !== "unsendable_request" && reason !== "body_missing";
  return { ok: false, retry, reason };
}

/** As much of an answer as is kept of every answer. */
function keptOf(answer: Answer): Pick<Timed, "response" | "responseBody"> {
  const { status, truncated, body, bodyBase64 } = answer;
  const bytes =
    bodyBase64 === undefined
      ? new Uint8Array(new TextEncoder().encode(body ?? ""))
      : fromBase64(bodyBase64);
  const { headers, isCut } = cappedHeaders(answer.headers);
  const isLong = bytes.length > MAX_STORED_RESPONSE_BYTES;
  return {
    response: { status, headers, truncated: truncated || isCut || isLong },
    responseBody: bytes.slice(0, MAX_STORED_RESPONSE_BYTES),
  };
}
