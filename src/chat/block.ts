import type { ChatContext } from "./types.ts";

/** The other can write to the asker no more, except in groups that both are in. */
export async function block(_ctx: ChatContext, _input: { userId: string }): Promise<void> {
  throw new Error("not built");
}
