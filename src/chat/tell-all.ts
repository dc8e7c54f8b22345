import { ACK_WITHIN_MS } from "./constants.ts";
import { notePushed } from "./push-entries.ts";
import type { PushState } from "./push-state.ts";
import { tellAbsent } from "./tell-absent.ts";
import { tellRecipients } from "./tell-recipients.ts";
import type { ChatContext } from "./types.ts";

/**
 * Tells the recipients, and makes notices for those who are away. Gives the number of the asker's own push of an entry
 * once everybody was told, or `ACK_WITHIN_MS` after the asker was: what is slow for one must not be so for all. Null
 * when theirs could not be told.
 */
export async function tellAll(
  ctx: ChatContext,
  state: PushState,
  seq: number,
): Promise<number | null> {
  const own = Promise.withResolvers<number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onTold = (ownSeq: number) => {
    timer ??= setTimeout(() => own.resolve(ownSeq), ACK_WITHIN_MS);
  };
  const telling = tellRecipients(ctx, state, { userId: ctx.user.id, seq, onTold });
  // Whoever hangs up must not end what tells the others.
  const settling = telling.then((told) => {
    clearTimeout(timer);
    return Promise.all([
      notePushed(ctx, state, told),
      tellAbsent(ctx, ctx.source, state, told.absences),
    ]);
  });
  ctx.waitUntil(settling);
  return Promise.race([telling.then(({ ownSeq }) => ownSeq), own.promise]);
}
