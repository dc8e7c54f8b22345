import type { alerts, healthChecks } from "../db/schema/control.ts";

export type CheckRow = typeof healthChecks.$inferSelect;
export type State = CheckRow["state"];
export type AlertRow = typeof alerts.$inferSelect;

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
};

/** The checks whose state is another one than before. A check that is fine at its first run is no news. */
export function changesOf(
  findings: readonly Finding[],
  known: ReadonlyMap<string, CheckRow>,
): { finding: Finding; kind: AlertRow["kind"] | null }[] {
  return findings
    .filter(({ name, state }) => known.get(name)?.state !== state)
    .map((finding) => ({ finding, kind: kindOf(known.get(finding.name)?.state, finding.state) }));
}

function kindOf(before: State | undefined, state: State): AlertRow["kind"] | null {
  if (state !== "ok") return state;
  return before === undefined ? null : "recovered";
}
