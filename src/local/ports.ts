import { createServer, type Server } from "node:net";
import { LocalError } from "./local-error.ts";
import type { Messages } from "./messages.ts";
import type { Settings } from "./settings.ts";
import { isLoopback } from "./settings.ts";

/** A port that nothing uses right now. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  const server = await listen(0, host);
  const address = server.address();
  await close(server);
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

/** Throws one line with the remedy when a port of the session is taken. `stateIsBusy`: name another folder too. */
export async function assertPortsFree(
  settings: Settings,
  stateIsBusy: boolean,
  say: Messages,
): Promise<void> {
  // `localhost` may mean ::1: a stranger there would get what is meant for us.
  const hosts = isLoopback(settings.host) ? ["127.0.0.1", "::1"] : [settings.host];
  const appTaken = !(await isFree(settings.port, [...new Set([settings.host, ...hosts])]));
  const receiverTaken = !(await isFree(settings.receiverPort, ["127.0.0.1"]));
  if (!appTaken && !receiverTaken) return;
  const words: string[] = [];
  if (stateIsBusy) words.push(`BATON_STATE=.baton/state-2`);
  if (receiverTaken) words.push(`BATON_RECEIVER_PORT=${await suggest(settings.receiverPort)}`);
  if (appTaken) words.push(`BATON_PORT=${await suggest(settings.port)}`);
  const taken = appTaken ? settings.port : settings.receiverPort;
  throw new LocalError(say.portInUse(taken, `${words.join(" ")} npm start`));
}

async function suggest(port: number): Promise<number> {
  for (let next = port + 10; next <= 65_535; next += 10) {
    if (await isFree(next, ["127.0.0.1"])) return next;
  }
  return freePort();
}

async function isFree(port: number, hosts: readonly string[]): Promise<boolean> {
  for (const host of hosts) {
    try {
      await close(await listen(port, host));
    } catch (error) {
      // A machine without IPv6 has no ::1 that could be taken.
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== "EADDRNOTAVAIL" && code !== "EAFNOSUPPORT") return false;
    }
  }
  return true;
}

function listen(port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
