import { createHash } from "node:crypto";
import { mkdirSync, realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { LOCK_ANSWER_MS } from "./tail-constants.ts";

export type Lock = { ok: true; release(): void } | { ok: false; pid: number | undefined };

/** Another process may die, or come, between asking and taking. */
const TRIES = 3;

/**
 * Holds a checkpoint file for this process; says who has it otherwise. It is a listening socket and no file with a
 * pid in it: the kernel lets go when the process dies in whatever way, and a pid that another process got later
 * cannot be mistaken for it. Of this machine alone (and, in containers, of one network). Throws when the
 * checkpoint's folder cannot be made.
 */
export async function lockCheckpoint(checkpointFile: string): Promise<Lock> {
  mkdirSync(dirname(checkpointFile), { recursive: true });
  const address = addressOf(checkpointFile);
  for (let tries = 0; tries < TRIES; tries++) {
    const server = await listen(address);
    if (server) return { ok: true, release: () => server.close() };
    const holder = await holderAt(address);
    if (holder) return { ok: false, pid: holder.pid };
    // A socket's file outlives its owner; abstract names do not.
    if (!address.startsWith("\0")) rmSync(address, { force: true });
  }
  return { ok: false, pid: undefined };
}

/** Who holds a checkpoint; undefined for nobody. */
export async function holderOf(
  checkpointFile: string,
): Promise<{ pid: number | undefined } | undefined> {
  try {
    return await holderAt(addressOf(checkpointFile));
  } catch {
    // There is not even a folder.
    return undefined;
  }
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      // Whoever asks and hangs up at once is no fault.
      socket.on("error", () => {});
      socket.end(String(process.pid));
    });
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server.unref()));
  });
}

function holderAt(address: string): Promise<{ pid: number | undefined } | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(address);
    // One that is stopped or busy says nothing, and holds it nevertheless.
    socket.setTimeout(LOCK_ANSWER_MS, () => socket.destroy());
    socket.on("data", (chunk) => (text += String(chunk)));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(undefined);
    });
    socket.once("close", () => resolve({ pid: /^\d+$/.test(text) ? Number(text) : undefined }));
  });
}

/** The folder must exist: its real path, with the name, is the checkpoint's identity. */
function addressOf(checkpointFile: string): string {
  const path = join(realpathSync(dirname(checkpointFile)), basename(checkpointFile));
  const name = `baton-tail-${createHash("sha256").update(path).digest("hex").slice(0, 16)}`;
  return process.platform === "linux" ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}
