import { lineOf, lineOfOutput, streamedLine } from "./archive-line.ts";
import { ARCHIVE_TIMEOUT_MS } from "./constants.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult } from "./driver.ts";
import { failure } from "./message-outcome.ts";
import type { R2Config } from "./r2-config.ts";

const CONTENT_TYPE = "application/x-ndjson";

/**
 * Writes the event as an object of one line. Its key is the event's and the delivery's, so that a further try writes the
 * same object again.
 */
export async function deliverR2(config: R2Config, input: AttemptInput): Promise<AttemptResult> {
  const key = archiveKey(config, input);
  const line = input.output && lineOfOutput(input.output);
  const sent = {
    request: { method: "PUT", url: `r2://${key}`, headers: [] },
    ...(line && { requestBody: line }),
  };
  const deadline = startDeadline(ARCHIVE_TIMEOUT_MS);
  try {
    const isWritten = await deadline.race(write(key, input, line, deadline));
    return { outcome: isWritten ? { ok: true } : failure("body_missing", false), ...sent };
  } catch {
    return { outcome: failure(deadline.hasStruck() ? "timeout" : "storage_failed", true), ...sent };
  } finally {
    deadline.clear();
  }
}

/** Keys sort by time: ids of events do. A sample has one place of its own. */
export function archiveKey(
  { prefix }: R2Config,
  { organizationId, event, deliveryId, sample }: AttemptInput,
): string {
  const folder = `archive/${organizationId}/${prefix}`;
  if (sample) return `${folder}/test.ndjson`;
  const day = new Date(event.receivedAt).toISOString().slice(0, 10).replaceAll("-", "/");
  return `${folder}/${day}/${event.id}-${deliveryId}.ndjson`;
}

/** False when the stored body is gone. */
async function write(
  key: string,
  { event, stores }: AttemptInput,
  line: Uint8Array | undefined,
  deadline: Deadline,
): Promise<boolean> {
  const put = (value: Uint8Array | ReadableStream) =>
    stores.bodies.put(key, value, { httpMetadata: { contentType: CONTENT_TYPE } });
  if (line) {
    await put(line);
    return true;
  }
  const body = event.size === 0 ? new Uint8Array() : await event.openBody();
  if (body === null) return false;
  if (!(body instanceof ReadableStream)) {
    await put(lineOf(event, body));
    return true;
  }
  const { size, stream } = streamedLine(event, body);
  const { readable, writable } = new FixedLengthStream(size);
  // A body that breaks off breaks the writing off too, and that is what is told.
  void stream.pipeTo(writable, { signal: deadline.signal }).catch(() => {});
  await put(readable);
  return true;
}
