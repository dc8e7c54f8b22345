import { type Deliver, type Notice, postAlerts, TailFault } from "../tail/index.ts";
import { TailError } from "./tail-error.ts";
import type { FoundSource } from "./tail-find-source.ts";
import { type NoticeTexts, sayNotice } from "./tail-notice-texts.ts";

/**
 * Posts to a source whose URL the API tells. A refusal at the start throws a TailError; an API that cannot be
 * reached then is asked again when there is something to send, so that no line is missed meanwhile.
 */
export async function deliverToSource(
  find: () => Promise<FoundSource>,
  headers: Record<string, string>,
  hooks: {
    onFound: (found: FoundSource & { ok: true }) => void;
    onWarning: (notice: Notice) => void;
  },
  texts: NoticeTexts,
): Promise<Deliver> {
  const first = await find();
  let deliver = take(first);
  if (!first.ok) {
    if (!first.retry) throw new TailError(sayNotice(first.problem, texts), first.exitCode);
    hooks.onWarning(first.problem);
  }

  function take(found: FoundSource): Deliver | undefined {
    if (!found.ok) return undefined;
    hooks.onFound(found);
    return postAlerts({ url: found.url, headers });
  }

  return async (alerts, context) => {
    if (!deliver) {
      const found = await find();
      // The engine shows it as a problem and hands the alerts over again later.
      if (!found.ok) throw new TailFault(found.problem);
      deliver = take(found);
    }
    await deliver?.(alerts, context);
  };
}
