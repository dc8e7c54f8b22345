import { hostname } from "node:os";
import type { Alert } from "./alert.ts";
import {
  MAX_ANSWER_BYTES,
  MAX_QUOTED_CHARS,
  MAX_REQUESTS,
  MAX_RETRY_MS,
  REQUEST_TIMEOUT_MS,
} from "./constants.ts";
import type { Deliver, DeliveryContext } from "./deliver-queued.ts";
import { pause } from "./pause.ts";
import { backoffMs, retryAfterMs } from "./retry-wait.ts";

/** A source with `dedup: {"from": "header:idempotency-key"}` counts an alert once, however often it is sent. */
const KEY_HEADER = "idempotency-key";

export type Target = {
  /** The source's URL. */
  url: string;
  /** More headers, such as a token that the source verifies. */
  headers?: Record<string, string>;
  host?: string;
  random?: () => number;
};

type Answer = { ok: true } | { ok: false; problem: Unarrived; waitMs?: number; isRefusal: boolean };

/** A notice, but for when the next try is. */
type Unarrived =
  | { code: "source_unreachable"; origin: string; reason: string }
  | { code: "source_busy" | "source_refused"; status: number; text: string };

/**
 * Posts alerts to a source. Never gives up by itself: what does not arrive holds up what follows, and the files keep
 * it. Refusals (4xx, redirects) are tried slowly, for a person to mend, and show as a problem.
 */
export function postAlerts(target: Target): Deliver {
  return async (alerts, { signal, report }) => {
    const left = [...alerts];
    const held = new Set<Alert>();
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const alert = next;
        await post(target, alert, signal, (problem) => {
          if (problem) held.add(alert);
          else held.delete(alert);
          // One that gets through says nothing of another that does not.
          if (problem || held.size === 0) report(problem);
        });
      }
    };
    await Promise.all(Array.from({ length: Math.min(MAX_REQUESTS, alerts.length) }, work));
  };
}

async function post(
  target: Target,
  alert: Alert,
  signal: AbortSignal,
  report: DeliveryContext["report"],
): Promise<void> {
  const { random = Math.random } = target;
  for (let failures = 1; ; failures++) {
    const answer = await ask(target, alert, signal);
    if (answer.ok) return report();
    if (signal.aborted) throw new Error("stopped");
    const slot = answer.isRefusal ? MAX_RETRY_MS : backoffMs(failures, random());
    const waitMs = Math.max(answer.waitMs ?? 0, slot);
    report({ ...answer.problem, retrySeconds: Math.round(waitMs / 1000) });
    await pause(waitMs, signal);
    if (signal.aborted) throw new Error("stopped");
  }
}

async function ask(target: Target, alert: Alert, signal: AbortSignal): Promise<Answer> {
  const { url, headers = {}, host = hostname() } = target;
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: {
        ...headers,
        "content-type": "application/json",
        [KEY_HEADER]: alert.idempotencyKey,
      },
      body: JSON.stringify(bodyOf(alert, host)),
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    const text = await readStart(response).catch(() => "");
    return response.ok ? { ok: true } : judge(response, text);
  } catch (error) {
    const [origin, reason] = [originOf(url), reasonOf(error)];
    return { ok: false, problem: { code: "source_unreachable", origin, reason }, isRefusal: false };
  }
}

/** Whatever answers may go on for ever: no more is read than a problem quotes, and a little for the connection's sake. */
async function readStart(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, MAX_ANSWER_BYTES);
}

function judge(response: Response, text: string): Answer {
  const { status, headers } = response;
  const waitMs = retryAfterMs(headers.get("retry-after"), Date.now());
  const quoted = text.replace(/\p{Cc}+/gu, " ").slice(0, MAX_QUOTED_CHARS);
  const isRefusal = status < 500 && status !== 408 && status !== 429;
  const code = isRefusal ? "source_refused" : "source_busy";
  return { ok: false, problem: { code, status, text: quoted }, waitMs, isRefusal };
}

function bodyOf(alert: Alert, host: string): Record<string, unknown> {
  const { kind, message, file, offset, count, firstAt, lastAt, cutFrom, partial } = alert;
  return {
    message,
    kind,
    file,
    host,
    offset,
    count,
    firstAt: new Date(firstAt).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
    ...(cutFrom !== undefined && { lineBytes: cutFrom }),
    ...(partial && { partial }),
  };
}

/** A URL's path may hold a token. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "?";
}

function reasonOf(error: unknown): string {
  const { cause, name, message } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? (name === "TimeoutError" ? "no answer in time" : message);
}
