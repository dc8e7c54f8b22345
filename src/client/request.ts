import { ClientError } from "./client-error.ts";
import type { Cut } from "./cut.ts";
import { createAlarm, linkedTo } from "./pause.ts";
import { reasonOf, refusalOf, unreachable } from "./refusal.ts";

/**
 * A request, from its start to the last byte that is read of its answer. `use` gets an answer that is a 2xx, and an
 * alarm that ends the request: it is set to `limitMs` and may be set anew while bytes come.
 */
export async function request<T>(
  url: URL,
  {
    signal,
    limitMs,
    ...init
  }: {
    signal: AbortSignal;
    limitMs: number;
    method?: string;
    headers: Record<string, string>;
    body?: string;
  },
  use: (response: Response, alarm: ReturnType<typeof createAlarm>) => Promise<T>,
): Promise<T | Cut> {
  const { controller, unlink } = linkedTo(signal);
  let isLate = false;
  let hasAnswered = false;
  const alarm = createAlarm(limitMs, () => {
    isLate = true;
    controller.abort();
  });
  try {
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      cache: "no-store",
      signal: controller.signal,
    });
    hasAnswered = true;
    return response.ok ? await use(response, alarm) : await refusalOf(response);
  } catch (error) {
    if (isLate) {
      const message = `Nothing came from ${url.origin} in time.`;
      return { kind: "lost", error: new ClientError(message) };
    }
    // What a parser throws says itself what is wrong.
    if (error instanceof ClientError) return { kind: "lost", error };
    if (!hasAnswered) return unreachable(url, error);
    const message = `The connection was lost: ${reasonOf(error)}`;
    return { kind: "lost", error: new ClientError(message, 0, { cause: error }) };
  } finally {
    alarm.stop();
    unlink();
    // Whatever of the answer is not read yet.
    controller.abort();
  }
}

export function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
