import { notePushed } from "./push-entries.ts";
import type { PushState } from "./push-state.ts";
import { tellAbsent } from "./tell-absent.ts";
import { tellRecipients } from "./tell-recipients.ts";
import type { ChatContext } from "./types.ts";

/**
 * Tells the recipients, and makes notices for those who are away. Gives the number of the asker's own push of an entry
 * once everybody was told; null when theirs could not be.
 */
export async function tellAll(
  ctx: ChatContext,
  state: PushState,
  seq: number,
): Promise<number | null> {
  const telling = tellRecipients(ctx, state, { userId: ctx.user.id, seq });
  // Whoever hangs up must not end what tells the others.
  const settling = telling.then((told) =>
    Promise.all([notePushed(ctx, state, told), tellAbsent(ctx, ctx.source, state, told.absences)]),
  );
  ctx.waitUntil(settling);
  return (await telling).ownSeq;
}
