import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CrashPoint } from "../../src/crash-point.ts";

type Plan = { at: number; strike: () => void };

/**
 * The server that crash points ask. It lets everything pass but what the test has named: a point may be held, which
 * never ends by itself, or end the process at its n-th visit.
 */
export async function startControl() {
  const visits = new Map<string, number>();
  const held = new Map<string, (() => void)[]>();
  const plans = new Map<string, Plan>();
  const server = createServer((request, response) => {
    const name = (request.url ?? "/").slice(1);
    const visit = (visits.get(name) ?? 0) + 1;
    visits.set(name, visit);
    const plan = plans.get(name);
    // From the deadly visit on nobody gets an answer: the process is as good as dead.
    if (plan && visit >= plan.at) return plan.strike();
    const answer = () => response.end();
    const waiting = held.get(name);
    if (waiting) waiting.push(answer);
    else answer();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    visits: (name: CrashPoint) => visits.get(name) ?? 0,
    hold: (name: CrashPoint) => void held.set(name, []),
    release(name: CrashPoint) {
      for (const answer of held.get(name) ?? []) answer();
      held.delete(name);
    },
    /** Ends the process at the n-th visit from now on. Resolves when it is dead. */
    async killAt(name: CrashPoint, kill: () => Promise<void>, at = 1): Promise<void> {
      visits.set(name, 0);
      await new Promise<void>((strike) => plans.set(name, { at, strike }));
      await kill();
      plans.delete(name);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Control = Awaited<ReturnType<typeof startControl>>;
