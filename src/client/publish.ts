import { channelPath } from "./address.ts";
import { backoffMs } from "./backoff.ts";
import { ClientError } from "./client-error.ts";
import { PUBLISH_TIMEOUT_MS, PUBLISH_TRY_MS, TIMING, type Timing } from "./constants.ts";
import type { Cut } from "./cut.ts";
import { parseJson } from "./ndjson-parser.ts";
import { pause } from "./pause.ts";
import { randomKey } from "./random-key.ts";
import { reasonOf } from "./refusal.ts";
import { authorization, request } from "./request.ts";
import { type Token, TokenKeeper } from "./token.ts";

/** One frame to be: `event` is `message` without a name. */
export type NewFrame = { event?: string; data: unknown };

export type PublishOptions = (NewFrame | { events: NewFrame[] }) & {
  /** The app host. */
  url: string | URL;
  channel: string;
  token?: Token;
  /** Made once for all tries when it is not given. The same key publishes once, also from another process. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** How long it is tried, in ms: 60,000. */
  timeoutMs?: number;
  timing?: Partial<Pick<Timing, "firstRetryMs" | "maxRetryMs">>;
};

/**
 * Publishes one frame, or several together. Tried again when nothing answers or the server cannot now; the idempotency
 * key makes it happen once. Throws a ClientError when it is refused or the time is over.
 */
export async function publish(options: PublishOptions): Promise<{ ids: string[] }> {
  const { signal = new AbortController().signal, timeoutMs = PUBLISH_TIMEOUT_MS } = options;
  const send = prepare(options, signal);
  const tokens = new TokenKeeper(options.token);
  const timing = { ...TIMING, ...options.timing };
  const deadline = performance.now() + timeoutMs;
  for (let failures = 0; ; ) {
    const answer = await send(
      tokens,
      Math.max(Math.min(PUBLISH_TRY_MS, deadline - performance.now()), 1),
    );
    if ("ids" in answer) return answer;
    if (answer.kind === "unauthorized" && tokens.renew()) continue;
    if (signal.aborted)
      throw new ClientError("The publish was given up.", 0, { cause: signal.reason });
    if (answer.kind !== "lost") throw answer.error;
    const floorMs = answer.floorMs ?? 0;
    const waitMs = backoffMs(timing, { failures: failures++, floorMs, random: Math.random() });
    if (performance.now() + waitMs >= deadline) throw answer.error;
    await pause(waitMs, signal);
  }
}

/** What every try sends, to the letter: the server knows a repeat by it. */
function prepare(options: PublishOptions, signal: AbortSignal) {
  const url = new URL(channelPath(options.channel, "publish"), options.url);
  const content =
    "events" in options
      ? { events: options.events }
      : { event: options.event, data: options.data ?? null };
  const body = JSON.stringify(content);
  const key = options.idempotencyKey ?? randomKey();
  return async (tokens: TokenKeeper, limitMs: number): Promise<{ ids: string[] } | Cut> => {
    let token: string | undefined;
    try {
      token = await tokens.get();
    } catch (cause) {
      const error = new ClientError(`No token can be had: ${reasonOf(cause)}`, 0, { cause });
      return { kind: "lost", error };
    }
    const headers = {
      "content-type": "application/json",
      "idempotency-key": key,
      ...authorization(token),
    };
    return request(url, { method: "POST", signal, limitMs, headers, body }, async (response) =>
      readIds(parseJson(await response.text())),
    );
  };
}

function readIds(value: unknown): { ids: string[] } {
  const { ids } = (value ?? {}) as { ids?: unknown };
  if (!Array.isArray(ids)) throw new ClientError("The answer has no ids.");
  return { ids: ids.map(String) };
}
