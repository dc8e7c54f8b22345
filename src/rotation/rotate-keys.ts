import { sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { idempotencyKeys, settings as settingsTable } from "../db/schema/control.ts";
import { log } from "../log.ts";
import { keyId, seal, unseal } from "../sealing.ts";
import { MAX_COUNTED_ANSWERS, MAX_ROTATED_ROWS, ROTATED_CHUNK } from "./constants.ts";
import { SEALED_COLUMNS, type SealedColumn } from "./sealed-columns.ts";

type Rotating = Pick<Deps, "db" | "settings">;
type Sealed = { id: string; sealed: string };

/**
 * Seals everything again that is not sealed with the current master key. Bounded: `unfinished` 1 asks for another run.
 * `unopened`: rows whose key is not here any more; `answers`: idempotent answers that still need an older key, for a day
 * at most. The stored key id follows once nothing is left to do.
 */
export async function rotateKeys(deps: Rotating): Promise<Record<string, number>> {
  const report: Record<string, number> = { unopened: 0, unfinished: 0 };
  for (const column of SEALED_COLUMNS) {
    const { sealed, unopened, unfinished } = await rotateColumn(deps, column);
    report[column.name] = sealed;
    report.unopened = (report.unopened ?? 0) + unopened;
    report.unfinished = Math.max(report.unfinished ?? 0, unfinished);
  }
  report.answers = await countAnswers(deps);
  if (report.unopened === 0 && report.unfinished === 0) await keepKeyId(deps);
  return report;
}

async function rotateColumn(deps: Rotating, column: SealedColumn) {
  const keys = await column.keys(deps.settings);
  const current = `${await keyId(keys)}.`;
  const total = { sealed: 0, unopened: 0, unfinished: 0 };
  let from = "";
  for (let seen = 0; ; seen += ROTATED_CHUNK) {
    if (seen >= MAX_ROTATED_ROWS) return { ...total, unfinished: 1 };
    const rows = await selectOld(deps, column, current, from);
    for (const row of rows) {
      const done = await rotateRow(deps, column, keys, row);
      if (done) total.sealed++;
      else total.unopened++;
    }
    if (rows.length < ROTATED_CHUNK) return total;
    from = rows.at(-1)?.id ?? "";
  }
}

/** Raw, because the column is a parameter here. */
function selectOld(
  { db }: Rotating,
  { table, column }: SealedColumn,
  current: string,
  from: string,
): Promise<Sealed[]> {
  const sealed = sql.identifier(column);
  return db.all<Sealed>(sql`
    SELECT id, ${sealed} AS sealed FROM ${table}
    WHERE id > ${from} AND ${sealed} IS NOT NULL AND substr(${sealed}, 1, length(${current})) <> ${current}
    ORDER BY id LIMIT ${ROTATED_CHUNK}`);
}

/** False when no key opens it. A row that somebody writes meanwhile is sealed with the current key by that. */
async function rotateRow(
  { db }: Rotating,
  { name, table, column, aad }: SealedColumn,
  keys: string,
  { id, sealed }: Sealed,
): Promise<boolean> {
  try {
    const again = await seal(keys, aad(id), await unseal(keys, aad(id), sealed));
    const target = sql.identifier(column);
    await db.run(
      sql`UPDATE ${table} SET ${target} = ${again} WHERE id = ${id} AND ${target} = ${sealed}`,
    );
    return true;
  } catch (error) {
    log.error("not_rotated", { column: name, id, error });
    return false;
  }
}

async function countAnswers({ db, settings }: Rotating): Promise<number> {
  const current = `${await keyId(settings.masterKey)}.`;
  const row = await db.get<{ count: number }>(sql`
    SELECT count(*) AS count FROM (
      SELECT 1 FROM ${idempotencyKeys} WHERE substr(answer, 1, length(${current})) <> ${current}
      LIMIT ${MAX_COUNTED_ANSWERS})`);
  return row.count;
}

async function keepKeyId({ db, settings }: Rotating): Promise<void> {
  const value = await keyId(settings.masterKey);
  await db
    .insert(settingsTable)
    .values({ name: "master_key_id", value })
    .onConflictDoUpdate({ target: settingsTable.name, set: { value } });
}
