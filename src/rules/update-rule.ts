import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { rules } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import { assertScriptsLoad } from "../transforms/index.ts";
import { assertRoomForRule, assertRuleEnds, writeWithEnds } from "./assert-rule-ends.ts";
import { getRuleInOrganization } from "./get-rule.ts";
import type { Rule, UpdateRule } from "./schemas.ts";
import { toRule } from "./to-rule.ts";

/** Changes what is given; a rule may move to another source of the organization. */
export async function updateRule(ctx: Context, id: string, input: UpdateRule): Promise<Rule> {
  const before = await getRuleInOrganization(ctx, id);
  if (Object.keys(input).length === 0) return toRule(before);
  await assertRuleEnds(ctx, input);
  if (input.sourceId !== undefined && input.sourceId !== before.sourceId) {
    await assertRoomForRule(ctx, input.sourceId);
  }
  await assertScriptsLoad(input.transform, ctx);
  const row = await writeWithEnds(ctx, input, () =>
    ctx.db
      .update(rules)
      .set({ ...input, updatedAt: Date.now() })
      .where(and(eq(rules.id, id), eq(rules.organizationId, ctx.organizationId)))
      .returning()
      .get(),
  );
  // Deleted since it was read.
  if (!row) throw notFound("rule", id);
  return toRule(row);
}
