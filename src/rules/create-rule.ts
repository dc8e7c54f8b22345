import type { Context } from "../context.ts";
import { rules } from "../db/schema/control.ts";
import { commitOnce } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { assertScriptsLoad } from "../transforms/index.ts";
import { assertRoomForRule, assertRuleEnds, writeWithEnds } from "./assert-rule-ends.ts";
import type { CreateRule, Rule } from "./schemas.ts";
import { toRule } from "./to-rule.ts";

export async function createRule(ctx: Context, input: CreateRule): Promise<Rule> {
  await assertRuleEnds(ctx, input);
  await assertRoomForRule(ctx, input.sourceId);
  await assertScriptsLoad(input.transform, ctx);
  const now = Date.now();
  const row = {
    id: newId("rule", now),
    organizationId: ctx.organizationId,
    ...input,
    createdAt: now,
    updatedAt: now,
  };
  return writeWithEnds(ctx, input, () =>
    commitOnce(ctx, [ctx.db.insert(rules).values(row)], toRule(row)),
  );
}
