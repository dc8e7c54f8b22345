import { HEARTBEAT_MS } from "./constants.ts";

/** A stream's source: it writes until it ends. */
export type FrameSource = { close(): void };
export type FrameSink = {
  /** `done` is called when the reader has taken it. */
  write: (bytes: Uint8Array, done?: () => void) => void;
  /** Ends the stream, after what was written. */
  end: (last?: Uint8Array) => void;
};

/**
 * A streamed answer whose bytes come from `open`; for a HEAD its headers only, since nobody would read it. A reader that
 * goes away closes the source within two heartbeats: the runtime looks whether a reader is there only when it writes to
 * it, and then it is the request's signal that says so.
 */
export async function streamFrames(
  request: Request,
  { headers, heartbeat }: { headers: Record<string, string>; heartbeat: string },
  open: (sink: FrameSink) => Promise<FrameSource>,
): Promise<Response> {
  if (request.method === "HEAD") return new Response(null, { headers });
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const beat = new TextEncoder().encode(heartbeat);
  let source: FrameSource | undefined;
  let isOpen = true;
  let waiting = 0;
  let writtenAt = 0;
  const finish = () => {
    isOpen = false;
    clearInterval(timer);
    source?.close();
  };
  const leave = () => {
    if (!isOpen) return;
    finish();
    writer.abort().catch(() => {});
  };
  const write = (bytes: Uint8Array, done?: () => void) => {
    if (!isOpen) return;
    waiting++;
    writtenAt = Date.now();
    writer.write(bytes).then(() => {
      waiting--;
      done?.();
    }, leave);
  };
  const end = (last?: Uint8Array) => {
    if (!isOpen) return;
    if (last) write(last);
    finish();
    writer.close().catch(() => {});
  };
  // A reader that has not taken what is written, or was just written to, is not asked whether it is there.
  const timer = setInterval(() => {
    if (waiting === 0 && Date.now() - writtenAt >= HEARTBEAT_MS / 2) write(beat);
  }, HEARTBEAT_MS);
  request.signal.addEventListener("abort", leave);
  try {
    source = await open({ write, end });
    if (!isOpen) source.close();
  } catch (error) {
    leave();
    throw error;
  }
  return new Response(readable, { headers });
}
