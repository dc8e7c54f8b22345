import type { Context } from "../context.ts";
import { destinations } from "../db/schema/control.ts";
import { commitOnce } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { assertNoLoop } from "./assert-no-loop.ts";
import { assertOrderKey } from "./assert-order-key.ts";
import { sealConfig } from "./config.ts";
import { DRIVERS } from "./deliver.ts";
import { assertSendableUrl } from "./egress.ts";
import { assertNoGate } from "./listen.ts";
import { assertPublicName } from "./lookup.ts";
import type { CreateDestination, Destination } from "./schemas.ts";
import { assertSigningKeys } from "./signing-keys.ts";
import { toDestination } from "./to-destination.ts";

/** Makes a destination. Its config is sealed; the answer has it masked. */
export async function createDestination(
  ctx: Context,
  input: CreateDestination,
): Promise<Destination> {
  assertOrderKey(input);
  assertNoGate(input.kind, input);
  const target = DRIVERS[input.kind].target(input.config);
  if (target) {
    assertSendableUrl(target, ctx.settings);
    await assertPublicName(target, ctx.settings);
    await assertNoLoop(ctx, target);
  }
  await assertSigningKeys(input.config);
  const now = Date.now();
  const id = newId("destination", now);
  const row = {
    id,
    organizationId: ctx.organizationId,
    name: input.name,
    kind: input.kind,
    config: await sealConfig(ctx.settings, id, input.config),
    retrySchedule: input.retry?.schedule ?? null,
    rate: input.rate ?? null,
    ordered: input.ordered ?? ("none" as const),
    orderKey: input.orderKey ?? null,
    breaker: input.breaker ?? null,
    enabled: input.enabled,
    disabledReason: null,
    pausedUntil: null,
    createdAt: now,
    updatedAt: now,
  };
  const answer = await toDestination(ctx.settings, row);
  return commitOnce(ctx, [ctx.db.insert(destinations).values(row)], answer);
}
