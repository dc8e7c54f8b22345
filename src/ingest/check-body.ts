import { log } from "../log.ts";
import {
  type Failure,
  type Head,
  type HmacCheck,
  startVerification,
  type Verification,
  verifyIncoming,
} from "../verification/index.ts";
import { bufferBody, keepBody } from "./buffer-body.ts";
import { MAX_STRAY_BODY_BYTES } from "./constants.ts";
import { type ReceivedBody, receiveBody } from "./receive-body.ts";

/** The first bytes of a body, and the size of the whole. */
export type BodyStart = { body: Uint8Array | null; size: number };

/** What the check of a request came to, and its body, wherever that is by now. */
export type Checked = {
  failure: Failure | null;
  /** As much of the body as is in memory: all of it up to 256 KiB. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Keeps the body for an event. */
  keep: () => Promise<ReceivedBody>;
  /** Gives what a stray needs of the body, and leaves nothing of it behind. */
  giveUp: () => Promise<Request | BodyStart>;
};

const NOTHING = new Uint8Array();

/**
 * Verifies a request on its raw bytes. Where the signature allows it the body is stored as it comes and checked on the
 * way, at any size; else it is read into memory, up to 1 MiB. A head that fails is refused before its body is read.
 */
export async function checkBody(
  request: Request,
  settings: Verification,
  head: Head,
  { bodies, key }: { bodies: R2Bucket; key: string },
): Promise<Checked> {
  const started = await startVerification(settings, head);
  if (started === null) {
    const bytes = await bufferBody(request, key);
    return {
      failure: await verifyIncoming(settings, { ...head, body: bytes }),
      bytes,
      keep: () => keepBody(bytes, bodies, key),
      giveUp: async () => startOf(bytes, bytes.length),
    };
  }
  if ("check" in started) {
    return {
      failure: started,
      bytes: NOTHING,
      keep: () => receiveBody(request, bodies, key),
      giveUp: async () => request,
    };
  }
  return checkOnTheWay(request, started, bodies, key);
}

async function checkOnTheWay(
  request: Request,
  check: HmacCheck,
  bodies: R2Bucket,
  key: string,
): Promise<Checked> {
  const received = await receiveBody(request, bodies, key, (piece) => check.update(piece));
  const bytes = received.inline ?? NOTHING;
  return {
    failure: check.finish(),
    bytes,
    keep: async () => received,
    giveUp: async () =>
      received.key === null
        ? startOf(bytes, received.size)
        : startOf(await takeBack(bodies, received.key), received.size),
  };
}

/** The first bytes of a body that was taken in, from where it is. */
export async function startOfReceived(
  { inline, key, size }: ReceivedBody,
  bodies: R2Bucket,
): Promise<BodyStart> {
  return startOf(key === null ? (inline ?? NOTHING) : await readStart(bodies, key), size);
}

/** The first bytes of a stored body that is no event's; it is deleted, also when it cannot be read. */
async function takeBack(bodies: R2Bucket, key: string): Promise<Uint8Array> {
  try {
    return await readStart(bodies, key);
  } finally {
    await bodies.delete(key).catch((error: unknown) => log.warn("body_left", { key, error }));
  }
}

async function readStart(bodies: R2Bucket, key: string): Promise<Uint8Array> {
  const start = await bodies.get(key, { range: { offset: 0, length: MAX_STRAY_BODY_BYTES } });
  return new Uint8Array((await start?.arrayBuffer()) ?? []);
}

function startOf(bytes: Uint8Array, size: number): BodyStart {
  return { body: bytes.length > 0 ? bytes.slice(0, MAX_STRAY_BODY_BYTES) : null, size };
}
