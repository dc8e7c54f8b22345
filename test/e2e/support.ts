import { expect } from "vitest";
import type { Received } from "../support/received.ts";
import { startReceiver } from "../support/receiver.ts";
import type { TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";

type Json = Record<string, unknown>;

/** Calls the admin API and expects the status. */
export async function call<T = Json>(
  session: TestSession,
  status: number,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await session.api(path, init);
  const text = await response.text();
  expect({ status: response.status, text }).toMatchObject({ status });
  return (text ? JSON.parse(text) : undefined) as T;
}

/** A source with a rule to a destination at a receiver of the test's own. */
export async function makeRelay(
  session: TestSession,
  slug: string,
  options: { match?: unknown; config?: Json; behaviour?: string; retry?: Json } = {},
) {
  const receiver = await startReceiver();
  const source = await call<{ id: string; url: string }>(session, 201, "POST", "/sources", {
    slug,
  });
  const destination = await call<{ id: string }>(session, 201, "POST", "/destinations", {
    name: `receiver of ${slug}`,
    kind: "http",
    config: {
      url: `${receiver.url}/${options.behaviour ?? "ok"}`,
      appendPath: true,
      ...options.config,
    },
    ...(options.retry ? { retry: options.retry } : {}),
  });
  const rule = await call<{ id: string }>(session, 201, "POST", "/rules", {
    sourceId: source.id,
    name: `rule of ${slug}`,
    match: options.match ?? {},
    destinationId: destination.id,
  });
  return { receiver, source, destination, rule };
}

/** Waits until the receiver has had this many requests. */
export function receivedCount(received: Received[], count: number, deadlineMs = 30_000) {
  return waitFor(() => received.length >= count, {
    what: `${count} requests at the receiver`,
    deadlineMs,
    explain: () => `it has had ${received.length}`,
  });
}

export type DeliveryJson = {
  id: string;
  status: string;
  reason: string | null;
  attempts: {
    number: number;
    outcome: string;
    reason?: string;
    request?: { method: string; url: string; headers: [string, string][]; body: string | null };
    response?: { status: number; body: string };
  }[];
};

/** Waits until the event's only delivery has one of these statuses; gives it with its attempts. */
export async function deliveryOf(session: TestSession, eventId: string, ...statuses: string[]) {
  const id = await waitFor(
    async () => {
      const { data } = await call<{ data: { id: string; status: string }[] }>(
        session,
        200,
        "GET",
        `/deliveries?eventId=${eventId}`,
      );
      return data.find((delivery) => statuses.includes(delivery.status))?.id;
    },
    { what: `a delivery of ${eventId} that is ${statuses.join(" or ")}`, everyMs: 100 },
  );
  return call<DeliveryJson>(session, 200, "GET", `/deliveries/${id}`);
}

/** The value of a header that the receiver got. */
export function header(request: Received, name: string): string | undefined {
  return request.headers.find(([key]) => key.toLowerCase() === name)?.[1];
}
