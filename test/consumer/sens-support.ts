import { inject } from "vitest";
import { runJob } from "../../src/jobs/run-job.ts";
import {
  consume,
  consumerEnv,
  type DeliveryRow,
  deliveryOf,
  expire,
  fakeQueues,
  makeEvent,
  makeKind,
  makeRule,
  makeSource,
} from "./support.ts";

export const KEYS = {
  serviceId: "ncp:sms:kr:123456789012:relaytest",
  accessKey: "NCPAKEXAMPLE00000001",
  secretKey: "NCPSKEXAMPLE0000000000000000000000000001",
  from: "0215881234",
};

type State = {
  requests: { requestId: string; messages: { to: string; content: string }[] }[];
  calls: { method: string; mode: string }[];
};

/** Speaks to the emulator, which runs outside workerd. */
export async function emulator(path = "", body: unknown = {}): Promise<State> {
  const response = await fetch(`${inject("sensUrl")}/__emulator${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  return response.json();
}

/** A source whose rule leads to SENS. */
export async function relayToSens(config: Record<string, unknown> = {}, schedule?: number[]) {
  const { env, sent } = fakeQueues();
  const destination = await makeKind(
    "sens_sms",
    { baseUrl: inject("sensUrl"), ...KEYS, to: ["01012345678"], timeoutMs: 1000, ...config },
    schedule ?? null,
  );
  const source = await makeSource();
  await makeRule(source, destination);
  return { env, sent, source, destination };
}

export type Relay = Awaited<ReturnType<typeof relayToSens>>;

export async function sendTo({ env, source }: Pick<Relay, "env" | "source">, body = "hello") {
  const task = await makeEvent(source, { body });
  await consume(env, "events", [task]);
  const row: DeliveryRow & { eventId: string } = {
    ...(await deliveryOf(task.eventId)),
    eventId: task.eventId,
  };
  return row;
}

/** The next try of deliveries, in one batch. */
export async function retry(env: ConsumerEnv, ...ids: string[]) {
  for (const id of ids) await expire(id, "next_attempt_at");
  await consume(
    env,
    "deliveries",
    ids.map((deliveryId) => ({ deliveryId })),
  );
}

/** An environment in which no outcome can be written: the process dies between the call and the record. */
export function dyingEnv(env: ConsumerEnv): ConsumerEnv {
  return watchedEnv(env, (query) => {
    if (query.startsWith('update "deliveries" set "status"')) throw new Error("power cut");
  });
}

/** An environment that tells each statement of the event database before it is made. */
export function watchedEnv(env: ConsumerEnv, tell: (query: string) => void): ConsumerEnv {
  const real = consumerEnv.EVENTS_0;
  const EVENTS_0 = new Proxy(real, {
    get(target, name) {
      if (name === "prepare") {
        return (query: string) => {
          tell(query);
          return target.prepare(query);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...env, EVENTS_0 };
}

/** Ends the lease of a delivery whose process has died, as time and the sweep would. */
export async function interrupt(env: ConsumerEnv, id: string) {
  await expire(id, "lease_until");
  await runJob(env, "sweep");
}

export type Receipt = {
  status: string;
  requestIds: string[];
  messages: Record<string, unknown>[];
  problem: string | null;
};

export function receiptOf(row: Record<string, unknown>): Receipt {
  return JSON.parse(row.receipt as string) as Receipt;
}

/** Runs the job as if the receipt were due. */
export async function poll(env: ConsumerEnv, id: string) {
  await consumerEnv.EVENTS_0.prepare(
    "UPDATE deliveries SET receipt_due_at = 1 WHERE id = ? AND receipt_due_at IS NOT NULL",
  )
    .bind(id)
    .run();
  return runJob(env, "receipts");
}

export async function countOf(destinationId: string): Promise<number | null> {
  const row = await consumerEnv.DB.prepare(
    "SELECT sum(count) AS n FROM destination_counts WHERE destination_id = ?",
  )
    .bind(destinationId)
    .first<{ n: number | null }>();
  return row?.n ?? null;
}
