import type { Published } from "../channels/index.ts";
import { MAX_FRAME_BYTES, topicName } from "../channels/index.ts";
import { factsOf, lineOf, lineOfOutput } from "./archive-line.ts";
import type { ChannelConfig } from "./channel-config.ts";
import { PUBLISH_TIMEOUT_MS } from "./constants.ts";
import { startDeadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult } from "./driver.ts";
import { failure } from "./message-outcome.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Publishes the event as one frame. The delivery's id is the frame's key: a further try of one that the channel has
 * taken, though nobody heard of it, finds the frame that is there.
 */
export async function deliverChannel(
  config: ChannelConfig,
  input: AttemptInput,
): Promise<AttemptResult> {
  const data = await dataOf(input);
  if (data === null) return { outcome: failure("body_missing", false) };
  const request = { method: "PUBLISH", url: `channel:${config.channel}`, headers: [] };
  const sent = { request, requestBody: data };
  if (data.length > MAX_FRAME_BYTES) return { outcome: failure("invalid_payload", false), ...sent };
  const deadline = startDeadline(PUBLISH_TIMEOUT_MS);
  try {
    const published = await deadline.race(publish(config, input, new TextDecoder().decode(data)));
    const ids = published.kind === "published" ? published.ids : [];
    const responseBody = new Uint8Array(new TextEncoder().encode(JSON.stringify({ ids })));
    const response = { status: 200, headers: [], truncated: false };
    return { outcome: { ok: true }, ...sent, response, responseBody };
  } catch {
    const reason = deadline.hasStruck() ? "timeout" : "connection_failed";
    return { outcome: failure(reason, true), ...sent };
  } finally {
    deadline.clear();
  }
}

/** A test's sample is published each time. */
function publish(
  { channel, event }: ChannelConfig,
  { stores, organizationId, deliveryId, sample }: AttemptInput,
  data: string,
): Promise<Published> {
  const topic = stores.channels.getByName(topicName(organizationId, channel));
  // One digest for all tries: a script may make something else the next time, and the frame that is there stands.
  const once = sample ? null : { key: `delivery:${deliveryId}`, digest: "" };
  return topic.publish({ frames: [{ event, data }], ...(once && { once }) });
}

/** JSON in one line. A body that no frame can hold is left out, and said to be. Null when the stored body is gone. */
async function dataOf({ event, output }: AttemptInput): Promise<Bytes | null> {
  if (output) return withoutEnd(lineOfOutput(output));
  if (event.size > MAX_FRAME_BYTES) return leftOut(event);
  const body = event.size === 0 ? new Uint8Array() : await event.openBody();
  if (body === null) return null;
  if (body instanceof ReadableStream) return leftOut(event);
  const data = withoutEnd(lineOf(event, body));
  return data.length > MAX_FRAME_BYTES ? leftOut(event) : data;
}

function leftOut(event: AttemptInput["event"]): Bytes {
  const facts = { ...factsOf(event), body: null, bodyLeftOut: true };
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(facts)));
}

function withoutEnd(line: Bytes): Bytes {
  return line.subarray(0, line.length - 1);
}
