import { and, asc, eq, notExists, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { destinations, rules } from "../db/schema/control.ts";
import { BatonError } from "../errors.ts";
import { forgetGate } from "./change-gate.ts";
import { MAX_NAMED_RULES } from "./constants.ts";
import { failWaitingDeliveries } from "./fail-waiting-deliveries.ts";
import { getDestinationInOrganization } from "./find-destination.ts";

/** Deletes a destination and ends its waiting deliveries. 409 while rules use it; it names them. */
export async function deleteDestination(ctx: Context, id: string): Promise<void> {
  const row = await getDestinationInOrganization(ctx, id);
  // One statement: a rule that is made meanwhile either stops it or finds no destination.
  const deleted = await ctx.db
    .delete(destinations)
    .where(
      and(
        eq(destinations.id, id),
        notExists(ctx.db.select({ one: sql`1` }).from(rules).where(eq(rules.destinationId, id))),
      ),
    )
    .returning({ id: destinations.id });
  if (deleted.length === 0) throw await stillUsed(ctx, id);
  await failWaitingDeliveries(ctx, id, "destination_deleted");
  await forgetGate(ctx, row);
}

async function stillUsed(ctx: Context, id: string): Promise<BatonError> {
  const using = await ctx.db
    .select({ id: rules.id, name: rules.name })
    .from(rules)
    .where(eq(rules.destinationId, id))
    .orderBy(asc(rules.id));
  const named = using.slice(0, MAX_NAMED_RULES);
  const list = named.map((rule) => `${rule.id} (${rule.name})`).join(", ");
  const more = using.length > named.length ? ` and ${using.length - named.length} more` : "";
  return new BatonError(
    "conflict",
    `${using.length} rule(s) still use ${id}: ${list}${more}. Delete them or give them another destination first.`,
    { errors: named.map((rule) => ({ path: `rules.${rule.id}`, message: rule.name })) },
  );
}
