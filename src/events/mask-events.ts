import type { Deps } from "../context.ts";
import { maskQuery } from "../sms/index.ts";
import { phoneSources } from "../sources/index.ts";
import type { EventRow } from "./load-event.ts";

/** Rows as lists show them: a code in the query of a phone's event is masked. */
export async function maskEvents(
  deps: Pick<Deps, "db">,
  rows: readonly EventRow[],
): Promise<EventRow[]> {
  const withQuery = rows.filter(({ query }) => query !== "");
  const phones = await phoneSources(
    deps,
    withQuery.map(({ sourceId }) => sourceId),
  );
  return rows.map((row) =>
    phones.has(row.sourceId) ? { ...row, query: maskQuery(row.query, row.receivedAt) } : row,
  );
}
