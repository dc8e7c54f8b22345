import type { Received } from "../support/received.ts";
import type { TestSession } from "../support/session.ts";

/** Requests of the ledger at a time. */
const READERS = 8;

export type RecordedDelivery = {
  id: string;
  eventId: string;
  destinationId: string;
  status: string;
  attempts: { number: number; outcome: string | null; reason?: string }[];
};

/** One call as a name: `<webhook-id> <attempt>`. */
export function callName(request: Received): string {
  return `${header(request, "webhook-id")} ${header(request, "x-baton-attempt")}`;
}

/** Every delivery of the session, or to one destination, with its attempts, as the API tells it. */
export async function readLedger(
  session: TestSession,
  destinationId?: string,
): Promise<RecordedDelivery[]> {
  const ids = await listDeliveries(session, to(destinationId));
  const ledger: RecordedDelivery[] = [];
  const reader = async () => {
    for (let next = ids.pop(); next !== undefined; next = ids.pop()) {
      ledger.push(await getJson<RecordedDelivery>(session, `/deliveries/${next}`));
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return ledger;
}

/**
 * How many deliveries, or those to one destination, have not ended, and how many events nobody has routed; at most a
 * page of each.
 */
export async function countUnfinished(
  session: TestSession,
  destinationId?: string,
): Promise<number> {
  const paths = [
    "/events?status=stored&limit=100",
    ...["pending", "delivering", "retrying"].map(
      (status) => `/deliveries?status=${status}&limit=100${to(destinationId)}`,
    ),
  ];
  let count = 0;
  for (const path of paths)
    count += (await getJson<{ data: unknown[] }>(session, path)).data.length;
  return count;
}

/** What the receiver saw and Baton does not know, what it saw twice, and what Baton claims and it never saw. */
export function compareCalls(received: Received[], ledger: RecordedDelivery[]) {
  const seen = received.map(callName);
  const recorded = new Map<string, RecordedDelivery["attempts"][number]>(
    ledger.flatMap(({ id, attempts }) =>
      attempts.map((attempt) => [`${id} ${attempt.number}`, attempt] as const),
    ),
  );
  const once = new Set(seen);
  return {
    unrecorded: seen.filter((name) => !recorded.has(name)),
    doubled: seen.length - once.size,
    unseen: [...recorded].filter(([name]) => !once.has(name)).map(([, attempt]) => attempt),
    attempts: recorded.size,
  };
}

const to = (id: string | undefined) => (id === undefined ? "" : `&destinationId=${id}`);

async function listDeliveries(session: TestSession, filter: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor = "";
  do {
    const page = await getJson<{ data: { id: string }[]; nextCursor: string | null }>(
      session,
      `/deliveries?limit=100${filter}${cursor}`,
    );
    ids.push(...page.data.map(({ id }) => id));
    cursor = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : "";
  } while (cursor);
  return ids;
}

async function getJson<T>(session: TestSession, path: string): Promise<T> {
  const response = await session.api(path);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

/** A header that the receiver got, or an empty text. */
export function header(request: Received, name: string): string {
  return request.headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
}
