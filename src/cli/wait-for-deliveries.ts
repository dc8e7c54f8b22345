import { setTimeout as sleep } from "node:timers/promises";
import type { DeliverySummary } from "../deliveries/schemas.ts";
import type { Event } from "../events/schemas.ts";
import type { Call } from "./call.ts";
import { CliError } from "./cli-error.ts";
import { POLL_MS } from "./constants.ts";
import { EXIT } from "./exit-codes.ts";
import { readPages } from "./read-pages.ts";

export type Became = {
  /** False: the time was over before everything had ended. */
  done: boolean;
  eventStatus: Event["status"];
  deliveries: DeliverySummary[];
};

const ENDED: readonly DeliverySummary["status"][] = ["succeeded", "failed", "cancelled"];

/** Looks at an event until it is routed and all its deliveries have ended, or the time is over. */
export async function waitForDeliveries(
  call: Call,
  eventId: string,
  timeoutMs: number,
): Promise<Became> {
  const deadline = performance.now() + timeoutMs;
  try {
    for (;;) {
      const became = await look(call, eventId);
      if (became.done || performance.now() >= deadline) return became;
      call.progress.show(describe(call, became));
      await sleep(POLL_MS, undefined, { signal: call.cli.signal }).catch(() => {
        throw new CliError(call.say.errors.interrupted, EXIT.interrupted);
      });
    }
  } finally {
    call.progress.end();
  }
}

async function look({ api }: Call, eventId: string): Promise<Became> {
  // The event first: once it is routed, all its deliveries are there.
  const { status } = await api.get<Event>(`/events/${encodeURIComponent(eventId)}`, "status");
  const items = await readPages<DeliverySummary>(
    api,
    "/deliveries",
    { eventId },
    Number.POSITIVE_INFINITY,
  );
  const ended = items.every((delivery) => ENDED.includes(delivery.status));
  return { done: status !== "stored" && ended, eventStatus: status, deliveries: items };
}

function describe({ say }: Call, { deliveries, eventStatus }: Became): string {
  const ended = deliveries.filter(({ status }) => ENDED.includes(status)).length;
  return eventStatus === "stored"
    ? say.progress.routing
    : say.progress.delivering(ended, deliveries.length);
}
