import { type Deliver, type Notice, postAlerts, TailFault } from "../tail/index.ts";
import { TailError } from "./tail-error.ts";
import type { FoundSource } from "./tail-find-source.ts";
import { type NoticeTexts, sayNotice } from "./tail-notice-texts.ts";

/**
 * Posts to a source whose URL the API tells. A refusal at the start throws a TailError; an API that cannot be
 * reached then is asked again when there is something to send, so that no line is missed meanwhile.
 */
export async function deliverToSource(
  find: (signal: AbortSignal) => Promise<FoundSource>,
  headers: Record<string, string>,
  hooks: {
    onFound: (found: FoundSource & { ok: true }) => void;
    onWarning: (notice: Notice) => void;
  },
  texts: NoticeTexts,
  signal: AbortSignal,
): Promise<Deliver> {
  const first = await find(signal);
  let deliver = take(first);
  if (!first.ok) {
    if (!first.retry) throw new TailError(sayNotice(first.problem, texts), first.exitCode);
    // Stopped while it was asked: that is no fault of the API.
    if (!signal.aborted) hooks.onWarning(first.problem);
  }

  function take(found: FoundSource): Deliver | undefined {
    if (!found.ok) return undefined;
    hooks.onFound(found);
    return postAlerts({ url: found.url, headers });
  }

  return async (alerts, context) => {
    if (!deliver) {
      const found = await find(context.signal);
      // The engine shows it as a problem and hands the alerts over again later.
      if (!found.ok) throw new TailFault(found.problem);
      deliver = take(found);
    }
    await deliver?.(alerts, context);
  };
}
