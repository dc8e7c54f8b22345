import type { TestSession } from "../support/session.ts";

/** A source whose every event goes to one destination. Fails loudly: these are programs without a test runner. */
export async function makeRelay(
  session: TestSession,
  slug: string,
  url: string,
  schedule: readonly number[],
  more: Record<string, unknown> = {},
): Promise<{ destinationId: string }> {
  const source = await post<{ id: string }>(session, "/sources", { slug });
  const destination = await post<{ id: string }>(session, "/destinations", {
    name: slug,
    kind: "http",
    config: { url, timeoutMs: 1000 },
    retry: { schedule },
    ...more,
  });
  const rule = { sourceId: source.id, name: slug, match: {}, destinationId: destination.id };
  await post(session, "/rules", rule);
  return { destinationId: destination.id };
}

async function post<T>(session: TestSession, path: string, body: unknown): Promise<T> {
  const response = await session.api(path, { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

/** Sends one event. Gives its id when it was acknowledged, null when the session was not there or refused. */
export async function sendEvent(session: TestSession, slug: string): Promise<string | null> {
  try {
    const response = await fetch(session.ingestUrl(slug), {
      method: "POST",
      body: slug,
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    return response.status === 202 ? (JSON.parse(text) as { id: string }).id : null;
  } catch {
    return null;
  }
}
