import type { Taken } from "../deliveries/listen-schemas.ts";
import type { DeliverySummary } from "../deliveries/schemas.ts";
import { printable } from "../local/printable.ts";
import type { Call } from "./call.ts";
import type { LocalAnswer } from "./listen-call.ts";
import { MAX_SHOWN_PATH_CHARS } from "./listen-constants.ts";

/** One try, as it is told. */
export type Told = {
  slug: string;
  taken: Taken;
  answer: LocalAnswer | { error: { reason: string; detail: string } };
  durationMs: number;
  /** The delivery afterwards; or why nobody knows. */
  after: DeliverySummary | { unrecorded: string };
};

/** A try in one line, or with `--json` as one object. */
export function printTry({ print, say }: Call, told: Told): void {
  const { slug, taken, answer, durationMs, after } = told;
  const { delivery, request } = taken;
  const now = new Date();
  const isOk = isSuccess(answer);
  const status = "response" in answer ? answer.response.status : null;
  if (print.json) {
    const { method, path, query } = request;
    const { id: deliveryId, eventId, sourceId, attemptCount: attempt } = delivery;
    const source = { id: sourceId, slug };
    const what = {
      at: now.toISOString(),
      source,
      eventId,
      deliveryId,
      attempt,
      method,
      path,
      query,
    };
    print.line(
      JSON.stringify({
        ...what,
        ok: isOk,
        status,
        durationMs,
        ...moreOf(answer),
        ...laterOf(after),
      }),
    );
    return;
  }
  const url = `${request.path}${request.query === "" ? "" : `?${request.query}`}`;
  const result =
    status === null ? (answer as { error: { reason: string } }).error.reason : String(status);
  const line = [
    print.paint("dim", clock(now)),
    slug,
    request.method,
    printable(url, MAX_SHOWN_PATH_CHARS),
    "→",
    print.paint(isOk ? "green" : "red", result),
    `${durationMs} ms`,
  ];
  const notes = isOk && "status" in after ? [] : notesOf(told, say.listen);
  print.line([line.join(" "), ...notes].join(" · "));
}

export function isSuccess(answer: Told["answer"]): boolean {
  return "response" in answer && answer.response.status >= 200 && answer.response.status < 300;
}

function moreOf(answer: Told["answer"]) {
  if ("response" in answer) return {};
  const { reason, detail } = answer.error;
  return { reason, detail };
}

function laterOf(after: Told["after"]) {
  if ("unrecorded" in after)
    return { deliveryStatus: null, nextAttemptAt: null, note: after.unrecorded };
  const { status, reason, nextAttemptAt } = after;
  return { deliveryStatus: status, ...(reason !== null && { reason }), nextAttemptAt };
}

function notesOf({ answer, after, taken }: Told, say: Call["say"]["listen"]): string[] {
  const detail = "error" in answer ? [printable(answer.error.detail)] : [];
  if ("unrecorded" in after) return [...detail, after.unrecorded];
  const { reason, nextAttemptAt } = after;
  const why = "response" in answer && reason !== null ? [reason] : detail;
  if (nextAttemptAt === null) return [...why, say.givenUp];
  const next = taken.delivery.attemptCount + 1;
  return [...why, say.again(clock(new Date(nextAttemptAt)), next)];
}

/** Of this machine. */
function clock(at: Date): string {
  return at.toTimeString().slice(0, 8);
}
