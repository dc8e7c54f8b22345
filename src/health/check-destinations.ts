import { inArray, isNotNull, or, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { destinations } from "../db/schema/control.ts";
import type { CheckRow, Finding, State } from "./finding.ts";
import { judgeDestination } from "./judge-destination.ts";
import { recentTries, type Try } from "./recent-tries.ts";

const PREFIX = "destination:";

/**
 * Judges the destinations that may have changed: those whose latest tries have a failure, those that Baton has disabled,
 * and those that were not well before. `gone`: names of checks whose destination was deleted.
 */
export async function checkDestinations(
  deps: Pick<Deps, "db" | "shards">,
  known: ReadonlyMap<string, CheckRow>,
): Promise<{ findings: Finding[]; gone: string[] }> {
  const unwell = [...known.values()].filter(
    ({ name, state }) => name.startsWith(PREFIX) && state !== "ok",
  );
  const tries = await recentTries(
    deps,
    unwell.flatMap(({ evidence }) => evidence ?? []),
  );
  const suspects = [...tries].filter(([, latest]) => latest.some(({ ok }) => !ok));
  const ids = [
    ...suspects.map(([id]) => id),
    ...unwell.map(({ name }) => name.slice(PREFIX.length)),
  ];
  const rows = await loadDestinations(deps, ids);
  const existing = new Set(rows.map(({ id }) => id));
  return {
    findings: rows.map((row) => {
      const latest = tries.get(row.id) ?? [];
      const before = known.get(PREFIX + row.id)?.state;
      return describe(row, latest, judgeDestination(row, latest, before));
    }),
    gone: unwell.map(({ name }) => name).filter((name) => !existing.has(name.slice(PREFIX.length))),
  };
}

async function loadDestinations({ db }: Pick<Deps, "db">, ids: string[]) {
  return db
    .select({
      id: destinations.id,
      organizationId: destinations.organizationId,
      name: destinations.name,
      enabled: destinations.enabled,
      disabledReason: destinations.disabledReason,
      updatedAt: destinations.updatedAt,
    })
    .from(destinations)
    .where(
      or(
        inArray(destinations.id, sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`),
        isNotNull(destinations.disabledReason),
      ),
    );
}

type Row = Awaited<ReturnType<typeof loadDestinations>>[number];

function describe(row: Row, tries: Try[], state: State): Finding {
  const what = `Destination "${row.name}" (${row.id})`;
  const summaries: Record<State, string> = {
    ok: `${what} works again.`,
    failing: `${what} only fails: its last ${tries.length} tries, the latest with \`${tries[0]?.reason ?? "unknown"}\`.`,
    disabled: `${what} was disabled: \`${row.disabledReason ?? "unknown"}\`. Enable it when its receiver is back.`,
  };
  return {
    name: PREFIX + row.id,
    organizationId: row.organizationId,
    state,
    summary: summaries[state],
    link: `/dashboard#${tries[0]?.eventId ?? row.id}`,
    evidence: state === "failing" ? tries.map(({ deliveryId }) => deliveryId) : null,
  };
}
