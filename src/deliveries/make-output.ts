import type { OutgoingEvent } from "../destinations/index.ts";
import { log } from "../log.ts";
import { factsOf, MAX_MATCHED_BODY_BYTES } from "../rules/index.ts";
import { failureText, type Output, parseTransform, runTransform } from "../transforms/index.ts";
import type { ConsumerDeps } from "./deps.ts";
import { outgoingEvent } from "./outgoing-event.ts";
import type { ClaimedDelivery } from "./run-claimed.ts";

/** What a rule's transform has made for one try: nothing without a transform, or why it could not. */
export type Made = { output?: Output; failure?: undefined } | { failure: string };

/** Runs the transform of a delivery's rule on its event, as it is now. Throws when the stored body cannot be read. */
export async function makeOutput(deps: ConsumerDeps, delivery: ClaimedDelivery): Promise<Made> {
  const { transform, row } = delivery;
  if (transform === undefined || transform === null) return {};
  const stored = parseTransform(transform);
  if ("refused" in stored) {
    log.warn("transform_broken", { ruleId: row.ruleId, reason: stored.refused });
    return { failure: `the stored transform cannot be read: ${stored.refused}` };
  }
  const event = outgoingEvent(deps, delivery);
  const made = await runTransform(
    stored.steps,
    factsOf({
      ...event,
      body: await bodyOf(event),
      preset: event.source.preset,
    }),
    {
      id: event.id,
      contentType: event.contentType,
      receivedAt: event.receivedAt,
      sender: { id: event.senderId, name: event.senderName },
      source: event.source,
    },
    { scripts: deps.scripts, organizationId: row.organizationId },
  );
  return "failure" in made ? { failure: failureText(made.failure) } : made;
}

/** The whole body; null when it is too large to be looked into, or gone. */
async function bodyOf(event: OutgoingEvent): Promise<Uint8Array | null> {
  if (event.size > MAX_MATCHED_BODY_BYTES) return null;
  const body = await event.openBody();
  if (!(body instanceof ReadableStream)) return body;
  return new Uint8Array(await new Response(body).arrayBuffer());
}
