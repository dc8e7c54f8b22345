import type { Deadline } from "./deadline.ts";
import type { AttemptInput } from "./driver.ts";
import { type HttpConfig, signingSecrets } from "./http-config.ts";
import { readPieces } from "./read-body.ts";
import { isSignedWhole, messageHead, signatureHeader, signMessage, startSigning } from "./sign.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Stream = ReadableStream<Uint8Array>;
type Missing = "body_missing" | "timeout";

/** A body as it is sent, with its signature when the destination signs. */
export type OpenedBody = { body: Bytes | Stream | null; signature?: string };

/**
 * Opens the body of a try and signs it. One that streams is read twice for HMACs, which take it in pieces, so that it is
 * never whole in memory; ed25519 needs it whole.
 */
export async function openBody(
  config: HttpConfig,
  { event, deliveryId }: AttemptInput,
  timestampSeconds: number,
  deadline: Deadline,
): Promise<OpenedBody | Missing> {
  const secrets = signingSecrets(config);
  const parts = { id: deliveryId, timestampSeconds };
  const ofBytes = async (body: Bytes | null) => ({
    body,
    ...(secrets.length > 0 && {
      signature: await signatureHeader(secrets, parts, body ?? new Uint8Array()),
    }),
  });
  if (event.size === 0) return ofBytes(null);
  try {
    const body = await deadline.race(event.openBody());
    if (body === null) return "body_missing";
    if (!(body instanceof ReadableStream)) return await ofBytes(body);
    if (secrets.length === 0) return { body };
    if (isSignedWhole(secrets)) {
      const message = await readMessage(messageHead(parts), body, event.size, deadline);
      if (!message) return missing(deadline);
      const signature = await signMessage(secrets, message);
      // A view: a body of 25 MiB must not be there twice.
      return { body: message.subarray(message.length - event.size), signature };
    }
    const signing = startSigning(secrets, parts);
    const size = await readSize(body, (piece) => signing.update(piece), deadline);
    if (size !== event.size) return missing(deadline);
    const again = await deadline.race(event.openBody());
    return again === null ? "body_missing" : { body: again, signature: signing.finish() };
  } catch (error) {
    if (deadline.hasStruck()) return "timeout";
    throw error;
  }
}

function missing(deadline: Deadline): Missing {
  return deadline.hasStruck() ? "timeout" : "body_missing";
}

/** How many bytes passed. Throws when the stream breaks off: it is there, and the next try may read it. */
async function readSize(
  body: Stream,
  take: (piece: Uint8Array) => void,
  deadline: Deadline,
): Promise<number> {
  let size = 0;
  const isWhole = await readPieces(
    body,
    (piece) => {
      size += piece.length;
      take(piece);
    },
    deadline.race,
  );
  if (!isWhole) throw new Error("the stored body broke off");
  return size;
}

/** Head and body in one piece of memory; null when the body is not as long as it should be. */
async function readMessage(
  head: Bytes,
  body: Stream,
  size: number,
  deadline: Deadline,
): Promise<Bytes | null> {
  const message = new Uint8Array(head.length + size);
  message.set(head);
  let at = head.length;
  const put = (piece: Uint8Array) => {
    message.set(piece, at);
    at += piece.length;
  };
  return (await readSize(body, put, deadline)) === size ? message : null;
}
