import type { alerts, healthChecks } from "../db/schema/control.ts";

export type CheckRow = typeof healthChecks.$inferSelect;
export type State = CheckRow["state"];
export type AlertRow = typeof alerts.$inferSelect;

/** A destination's check is named by this and its id. */
export const DESTINATION_CHECK = "destination:";

/** What one check came to in this run. */
export type Finding = {
  name: string;
  /** Null: a check of the deployment, which its operator is told of. */
  organizationId: string | null;
  state: State;
  /** One line without secrets, for people. */
  summary: string;
  /** Path and fragment on the app host. */
  link: string;
  /** Deliveries that show it failing. */
  evidence: string[] | null;
  /** When it left the state that it is in again (ms UTC), if nobody has seen it outside; else null. */
  leftAt: number | null;
};

/** The checks whose state is another one than before, or has been meanwhile. A check that is fine at its first run is no news. */
export function changesOf(
  findings: readonly Finding[],
  known: ReadonlyMap<string, CheckRow>,
): { finding: Finding; kind: AlertRow["kind"] | null }[] {
  return findings
    .filter(({ name, state, leftAt }) => known.get(name)?.state !== state || leftAt !== null)
    .map((finding) => ({ finding, kind: kindOf(known.get(finding.name)?.state, finding.state) }));
}

function kindOf(before: State | undefined, state: State): AlertRow["kind"] | null {
  if (state !== "ok") return state;
  return before === undefined ? null : "recovered";
}
