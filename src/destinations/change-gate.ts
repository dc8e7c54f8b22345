import type { Deps } from "../context.ts";
import { type GateConfig, type GateFields, gateConfigOf, noLimits } from "../gates/index.ts";
import { log } from "../log.ts";

type Gated = GateFields & { id: string; updatedAt: number };

/** The destination is off: its gate forgets who waits. Never throws; what is left there, the gate asks after. */
export async function clearGate(
  ctx: Pick<Deps, "gates">,
  { id, gate }: { id: string; gate: GateConfig | null },
): Promise<void> {
  if (gate === null) return;
  await ctx.gates
    .getByName(id)
    .clear()
    .catch((error: unknown) => log.warn("gate_not_cleared", { destinationId: id, error }));
}

/** Tells a gate that it must ask for something else now, so that nobody waits for what is gone. Never throws. */
export async function reconfigureGate(
  ctx: Pick<Deps, "gates">,
  before: Gated,
  after: Gated,
): Promise<void> {
  if (gateConfigOf(before) === null) return;
  await ctx.gates
    .getByName(after.id)
    .configure(gateConfigOf(after) ?? noLimits(after.updatedAt))
    .catch((error: unknown) => log.warn("gate_not_changed", { destinationId: after.id, error }));
}

/** The destination is deleted: its gate keeps nothing. Never throws; a gate that nobody calls costs its storage only. */
export async function forgetGate(ctx: Pick<Deps, "gates">, row: Gated): Promise<void> {
  if (gateConfigOf(row) === null) return;
  await ctx.gates
    .getByName(row.id)
    .forget()
    .catch((error: unknown) => log.warn("gate_not_forgotten", { destinationId: row.id, error }));
}
