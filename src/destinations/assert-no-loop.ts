import { eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { sourceHostnames } from "../db/schema/control.ts";
import { refused } from "../errors.ts";
import type { SavedTarget } from "./egress.ts";

/**
 * Refuses the URL of any source's own hostname: an event sent there would come back. Only the database knows these
 * names, so this stands beside the pure check of `egress.ts`; the hop guard catches what is added later.
 */
export async function assertNoLoop(ctx: Context, { url, field }: SavedTarget): Promise<void> {
  const { hostname } = new URL(url);
  const own = await ctx.db
    .select({ hostname: sourceHostnames.hostname })
    .from(sourceHostnames)
    .where(eq(sourceHostnames.hostname, hostname))
    .get();
  if (own) {
    throw refused(
      field,
      `${hostname} is Baton itself, and an event sent there would come back; use the receiver's URL`,
    );
  }
}
