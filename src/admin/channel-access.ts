import type { Context } from "hono";
import { type ChannelWish, grantAccess, type Term } from "../tokens/index.ts";
import type { AdminEnv } from "./router.ts";

/** Whose channel it is, and when a stream of it must end. */
export type ChannelAccess = Term & { organizationId: string };

/** Throws 403 unless the caller may do this with its organization's channel of this name. */
export function authorizeChannel(c: Context<AdminEnv>, wish: ChannelWish): ChannelAccess {
  const caller = { scopes: c.get("scopes"), grant: c.get("grant") };
  const { organizationId } = c.get("ctx");
  return { organizationId, ...grantAccess(caller, wish, Date.now()) };
}
