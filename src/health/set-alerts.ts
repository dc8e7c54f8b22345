import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { alertSettings, destinations } from "../db/schema/control.ts";
import { assertCallable } from "../destinations/index.ts";
import { refused } from "../errors.ts";
import type { SetAlerts } from "./schemas.ts";

/** Chooses where the organization's alerts go. 422 for what is no destination of its own. */
export async function setAlerts(ctx: Context, { destinationId }: SetAlerts): Promise<SetAlerts> {
  const { organizationId } = ctx;
  if (destinationId === null) {
    await ctx.db.delete(alertSettings).where(eq(alertSettings.organizationId, organizationId));
    return { destinationId };
  }
  const own = await ctx.db
    .select({ kind: destinations.kind })
    .from(destinations)
    .where(and(eq(destinations.id, destinationId), eq(destinations.organizationId, organizationId)))
    .get();
  if (!own) throw refused("destinationId", "is no destination of this organization");
  assertCallable(own.kind, "destinationId");
  if (own.kind === "sms_code") {
    throw refused(
      "destinationId",
      "is of kind `sms_code`: nobody reads it; name another destination",
    );
  }
  await ctx.db
    .insert(alertSettings)
    .values({ organizationId, destinationId })
    .onConflictDoUpdate({ target: alertSettings.organizationId, set: { destinationId } });
  return { destinationId };
}
