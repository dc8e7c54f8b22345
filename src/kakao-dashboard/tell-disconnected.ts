import type { Context } from "../context.ts";
import { tellAccount, tellSession } from "../kakao/index.ts";

/** Has the streams of a session that has ended closed. Once it is paired they listen to its account. */
export async function tellDisconnected(
  ctx: Context,
  { id, accountId }: { id: string; accountId: string | null },
): Promise<void> {
  const hint = { kind: "disconnected", sessionId: id } as const;
  await Promise.all([
    tellSession(ctx, id, hint),
    accountId === null ? undefined : tellAccount(ctx, accountId, hint),
  ]);
}
