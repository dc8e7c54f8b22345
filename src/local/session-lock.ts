import { createHash } from "node:crypto";
import { realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Holds a state folder for one session. It is a listening socket and no file with a pid in it: the kernel lets go
 * when the session dies in whatever way, and a pid that another process got later cannot be mistaken for it.
 */
export async function lockState(state: string): Promise<Server | undefined> {
  const address = addressOf(state);
  if (await isStateLocked(state)) return undefined;
  // Abstract names vanish with their owner; a socket file of a killed session has to be removed.
  if (!address.startsWith("\0")) rmSync(address, { force: true });
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(undefined));
    server.listen(address, () => resolve(server.unref()));
  });
}

/** True while a session runs on this state folder. */
export function isStateLocked(state: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(addressOf(state));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** The folder must exist: its real path is its identity. */
function addressOf(state: string): string {
  const hash = createHash("sha256").update(realpathSync(state)).digest("hex").slice(0, 16);
  const name = `baton-session-${process.getuid?.() ?? 0}-${hash}`;
  return process.platform === "linux" ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}
