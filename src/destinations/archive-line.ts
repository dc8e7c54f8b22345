import { toBase64 } from "../crypto.ts";
import { maskHeaders } from "../events/index.ts";
import { toRfc3339 } from "../time.ts";
import type { OutgoingEvent, Output } from "./driver.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const utf8 = new TextEncoder();
/** Bytes that Base64 writes without a rest, per step. */
const STEP = 3;

/**
 * What is told of an event beside its body. Headers are masked as the API masks them.
 */
export function factsOf(event: OutgoingEvent) {
  return {
    id: event.id,
    receivedAt: toRfc3339(event.receivedAt),
    source: { slug: event.source.slug, name: event.source.name },
    sender: { id: event.senderId, name: event.senderName },
    method: event.method,
    path: event.path,
    query: event.query,
    headers: maskHeaders(event.headers),
    contentType: event.contentType,
  };
}

/** The line of a body that is in memory: `body` when it is UTF-8, else `bodyBase64`. */
export function lineOf(event: OutgoingEvent, bytes: Bytes): Bytes {
  return toLine({ ...factsOf(event), ...bodyField(bytes) });
}

/** The line of what a transform made: a JSON value as it is, a text as a JSON string. */
export function lineOfOutput(output: Output): Bytes {
  return toLine(output.kind === "json" ? output.json : output.text);
}

/**
 * The line of a body that streams, always as `bodyBase64`: whether it is text is known only at its end. `size` is the
 * line's whole length in bytes, which storage must know before.
 */
export function streamedLine(
  event: OutgoingEvent,
  body: ReadableStream<Uint8Array>,
): { size: number; stream: ReadableStream<Uint8Array> } {
  const head = `${JSON.stringify(factsOf(event)).slice(0, -1)},"bodyBase64":"`;
  const before = utf8.encode(head);
  const after = utf8.encode('"}\n');
  const encoded = Math.ceil(event.size / STEP) * 4;
  return {
    size: before.length + encoded + after.length,
    stream: body.pipeThrough(base64Between(before, after)),
  };
}

function base64Between(before: Uint8Array, after: Uint8Array) {
  let rest = new Uint8Array();
  return new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(before),
    transform(piece, controller) {
      const bytes = new Uint8Array(rest.length + piece.length);
      bytes.set(rest);
      bytes.set(piece, rest.length);
      const whole = bytes.length - (bytes.length % STEP);
      rest = bytes.slice(whole);
      if (whole > 0) controller.enqueue(utf8.encode(toBase64(bytes.subarray(0, whole))));
    },
    flush(controller) {
      if (rest.length > 0) controller.enqueue(utf8.encode(toBase64(rest)));
      controller.enqueue(after);
    },
  });
}

function bodyField(bytes: Bytes): { body: string } | { bodyBase64: string } {
  try {
    return { body: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { bodyBase64: toBase64(bytes) };
  }
}

function toLine(value: unknown): Bytes {
  return new Uint8Array(utf8.encode(`${JSON.stringify(value) ?? "null"}\n`));
}
