import type { Deps } from "../context.ts";
import { loadRetentionPlan } from "./plan-passes.ts";
import { pruneBodies } from "./prune-bodies.ts";
import { type PruneReport, pruneEvents } from "./prune-events.ts";

/** Deletes events past their retention, and bodies that belong to none. Bounded; `unfinished` 1 asks for another run. */
export async function pruneStored(
  deps: Pick<Deps, "db" | "shards" | "bodies">,
): Promise<PruneReport & { orphanBodies: number }> {
  const plan = await loadRetentionPlan(deps);
  const report = await pruneEvents(deps, plan);
  // While old events are left, looking for the owner of a body would read all of them.
  if (report.unfinished) return { ...report, orphanBodies: 0 };
  return { ...report, ...(await pruneBodies(deps, plan.longestDays)) };
}
