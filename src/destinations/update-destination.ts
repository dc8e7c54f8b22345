import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { destinations } from "../db/schema/control.ts";
import { BatonError } from "../errors.ts";
import { gateConfigOf } from "../gates/index.ts";
import { assertNoLoop } from "./assert-no-loop.ts";
import { assertOrderKey } from "./assert-order-key.ts";
import { clearGate, reconfigureGate } from "./change-gate.ts";
import { openConfigIfKnown, patchConfig, sealConfig } from "./config.ts";
import { DRIVERS } from "./deliver.ts";
import { failWaitingDeliveries } from "./fail-waiting-deliveries.ts";
import { getDestinationInOrganization } from "./find-destination.ts";
import { assertNoGate } from "./listen.ts";
import { assertPublicName } from "./lookup.ts";
import { type Destination, DestinationKind, type PatchDestination } from "./schemas.ts";
import { assertSigningKeys } from "./signing-keys.ts";
import { toDestination } from "./to-destination.ts";

type Row = typeof destinations.$inferSelect;

/**
 * Changes a destination. Disabling ends its waiting deliveries; enabling forgets why Baton disabled or paused it.
 * 409 when somebody else changed the config meanwhile.
 */
export async function updateDestination(
  ctx: Context,
  id: string,
  patch: PatchDestination,
): Promise<Destination> {
  const row = await getDestinationInOrganization(ctx, id);
  const changes = {
    ...(patch.name !== undefined && { name: patch.name }),
    ...(patch.retry !== undefined && { retrySchedule: patch.retry?.schedule ?? null }),
    ...gateChanges(row, patch),
    ...(patch.enabled !== undefined && { enabled: patch.enabled }),
    ...(patch.enabled === true && { disabledReason: null, pausedUntil: null }),
    ...(patch.config && { config: await patchedConfig(ctx, row, patch.config) }),
    updatedAt: Date.now(),
  };
  const updated = await ctx.db
    .update(destinations)
    .set(changes)
    .where(
      and(
        eq(destinations.id, id),
        // Sealing is never the same twice, so an equal text means that nobody else wrote the config.
        patch.config ? eq(destinations.config, row.config) : undefined,
      ),
    )
    .returning();
  if (!updated[0]) {
    throw new BatonError(
      "conflict",
      `${id} was changed meanwhile. Read it and send the change again.`,
    );
  }
  if (patch.enabled === false) {
    await failWaitingDeliveries(ctx, id, "destination_disabled");
    await clearGate(ctx, { id, gate: gateConfigOf(updated[0]) });
  }
  await reconfigureGate(ctx, row, updated[0]);
  return toDestination(ctx.settings, updated[0]);
}

/** The fields of the gate as they will be. */
function gateChanges(row: Row, patch: PatchDestination) {
  const changes = {
    ...(patch.rate !== undefined && { rate: patch.rate }),
    ...(patch.ordered !== undefined && { ordered: patch.ordered }),
    ...(patch.orderKey !== undefined && { orderKey: patch.orderKey }),
    ...(patch.breaker !== undefined && { breaker: patch.breaker }),
  };
  assertOrderKey({ ...row, ...changes });
  assertNoGate(row.kind, changes);
  return changes;
}

async function patchedConfig(
  ctx: Context,
  row: Row,
  patch: Record<string, unknown>,
): Promise<string> {
  const current = await openConfigIfKnown(ctx.settings, row);
  const kind = DestinationKind.parse(row.kind);
  const config = patchConfig(ctx.settings, kind, current, patch);
  const target = DRIVERS[kind].target(config);
  if (target) {
    await assertPublicName(target, ctx.settings);
    await assertNoLoop(ctx, target);
  }
  await assertSigningKeys(config);
  return sealConfig(ctx.settings, row.id, config);
}
