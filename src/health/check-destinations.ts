import { and, inArray, isNotNull, ne, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import type { ControlDb } from "../db/client.ts";
import { destinations } from "../db/schema/control.ts";
import { type CheckRow, DESTINATION_CHECK, type Finding, type State } from "./finding.ts";
import { countFailures, judgeDestination } from "./judge-destination.ts";
import { recentTries, type Try } from "./recent-tries.ts";

/**
 * Judges the destinations that may have changed: those whose latest tries have a failure, those that Baton has disabled,
 * and those that were not well before.
 */
export async function checkDestinations(
  deps: Pick<Deps, "db" | "shards">,
  known: ReadonlyMap<string, CheckRow>,
): Promise<Finding[]> {
  const unwell = [...known.values()].filter(
    ({ name, state }) => name.startsWith(DESTINATION_CHECK) && state !== "ok",
  );
  const tries = await recentTries(
    deps,
    unwell.flatMap(({ evidence }) => evidence ?? []),
  );
  const suspects = [...tries].filter(([, latest]) => latest.some(({ ok }) => !ok));
  const ids = [
    ...suspects.map(([id]) => id),
    ...unwell.map(({ name }) => name.slice(DESTINATION_CHECK.length)),
  ];
  return (await loadDestinations(deps, ids)).map((row) => {
    const latest = tries.get(row.id) ?? [];
    const before = known.get(DESTINATION_CHECK + row.id);
    const state = judgeDestination(row, latest, before?.state);
    return { ...describe(row, latest, state), leftAt: leftAt(row, latest, before) };
  });
}

const COLUMNS = {
  id: destinations.id,
  organizationId: destinations.organizationId,
  name: destinations.name,
  enabled: destinations.enabled,
  disabledReason: destinations.disabledReason,
  updatedAt: destinations.updatedAt,
};

/** A listener on somebody's desk that answers 500 is no news to others. */
const IS_CALLED = ne(destinations.kind, "listen");

/** Two statements: with an OR of both conditions SQLite would read every destination, each minute. */
async function loadDestinations({ db }: Pick<Deps, "db">, ids: string[]) {
  const [named, disabled] = await db.batch([namedDestinations(db, ids), disabledDestinations(db)]);
  return [...new Map([...named, ...disabled].map((row) => [row.id, row])).values()];
}

export function namedDestinations(db: ControlDb, ids: string[]) {
  return db
    .select(COLUMNS)
    .from(destinations)
    .where(
      and(
        inArray(destinations.id, sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`),
        IS_CALLED,
      ),
    );
}

/** Those that Baton has disabled, from the partial index that has nothing else. */
export function disabledDestinations(db: ControlDb) {
  return db
    .select(COLUMNS)
    .from(destinations)
    .where(and(isNotNull(destinations.disabledReason), IS_CALLED));
}

/**
 * When a destination that is disabled was enabled in between, without a run that saw it: somebody changed it after it
 * was found disabled, and it was tried after that. A new name alone is followed by no try.
 */
function leftAt(row: Row, tries: readonly Try[], before: CheckRow | undefined): number | null {
  const isDisabled = !row.enabled && row.disabledReason !== null;
  if (!isDisabled || before?.state !== "disabled" || row.updatedAt <= before.since) return null;
  return tries.some(({ startedAt }) => startedAt >= row.updatedAt) ? row.updatedAt : null;
}

type Row = Awaited<ReturnType<typeof loadDestinations>>[number];

function describe(row: Row, tries: Try[], state: State): Omit<Finding, "leftAt"> {
  const what = `Destination "${row.name}" (${row.id})`;
  const summaries: Record<State, string> = {
    ok: `${what} works again.`,
    failing: `${what} only fails: its last ${countFailures(tries, row.updatedAt)} tries, the latest with \`${tries[0]?.reason ?? "unknown"}\`.`,
    disabled: `${what} was disabled: \`${row.disabledReason ?? "unknown"}\`. Enable it when its receiver is back.`,
  };
  return {
    name: DESTINATION_CHECK + row.id,
    organizationId: row.organizationId,
    state,
    summary: summaries[state],
    link: `/dashboard#${tries[0]?.eventId ?? row.id}`,
    evidence: state === "failing" ? tries.map(({ deliveryId }) => deliveryId) : null,
  };
}
