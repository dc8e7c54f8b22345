import type { Context } from "../context.ts";
import { BatonError } from "../errors.ts";
import { newId } from "../ids.ts";
import { toRfc3339 } from "../time.ts";
import { openConfigIfKnown } from "./config.ts";
import { deliver } from "./deliver.ts";
import type { AttemptInput, AttemptResult, OutgoingEvent } from "./driver.ts";
import { getDestinationInOrganization } from "./find-destination.ts";
import { isListener } from "./listen.ts";
import { DestinationKind, type TestAttempt } from "./schemas.ts";

/** As a delivery of it would end. */
const UNOPENED: AttemptResult = {
  outcome: { ok: false, retry: true, reason: "invalid_config" },
};

/** Sends a marked sample now, even to a disabled destination. Nothing is stored. 409 for one that nobody calls. */
export async function testDestination(ctx: Context, id: string): Promise<TestAttempt> {
  const row = await getDestinationInOrganization(ctx, id);
  if (isListener(row.kind)) {
    throw new BatonError(
      "conflict",
      "A listener takes its events itself. Run `baton listen` and send an event to its source.",
    );
  }
  const config = await openConfigIfKnown(ctx.settings, row);
  const startedAt = Date.now();
  const body = sampleBody(startedAt);
  const input: AttemptInput = {
    deliveryId: newId("delivery", startedAt, 0),
    organizationId: ctx.organizationId,
    destinationId: row.id,
    number: 1,
    event: sampleEvent(body, startedAt),
    settings: ctx.settings,
    stores: ctx,
    sample: true,
  };
  const result = config ? await deliver(DestinationKind.parse(row.kind), config, input) : UNOPENED;
  const text = new TextDecoder();
  return {
    id: newId("attempt", startedAt),
    number: 1,
    startedAt: toRfc3339(startedAt),
    outcome: result.outcome.ok ? "succeeded" : "failed",
    ...(!result.outcome.ok && { reason: result.outcome.reason }),
    durationMs: Date.now() - startedAt,
    ...(result.request && {
      request: { ...result.request, body: text.decode(result.requestBody ?? body) },
    }),
    ...(result.response && {
      response: { ...result.response, body: text.decode(result.responseBody) },
    }),
  };
}

function sampleBody(now: number): Uint8Array<ArrayBuffer> {
  const sample = { test: true, message: "This is a test from Baton.", sentAt: toRfc3339(now) };
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(sample)));
}

function sampleEvent(body: Uint8Array<ArrayBuffer>, now: number): OutgoingEvent {
  return {
    id: newId("event", now, 0),
    method: "POST",
    host: "baton.test",
    path: "/",
    query: "",
    headers: [["content-type", "application/json"]],
    contentType: "application/json",
    size: body.byteLength,
    receivedAt: now,
    hops: 0,
    senderId: null,
    senderName: "Baton",
    source: { slug: "test", name: "Baton test", preset: "generic" },
    openBody: async () => body,
  };
}
