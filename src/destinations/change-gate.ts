import type { Deps } from "../context.ts";
import { type GateConfig, type GateFields, gateConfigOf } from "../gates/index.ts";
import { log } from "../log.ts";

type Gated = GateFields & { id: string };

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
  const config = gateConfigOf(after);
  const old = gateConfigOf(before);
  if (old === null || JSON.stringify(old) === JSON.stringify(config)) return;
  await ctx.gates
    .getByName(after.id)
    .configure(config)
    .catch((error: unknown) => log.warn("gate_not_changed", { destinationId: after.id, error }));
}
