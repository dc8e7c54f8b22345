import { sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { idempotencyKeys, settings as settingsTable } from "../db/schema/control.ts";
import { log } from "../log.ts";
import { keyId, seal, unseal } from "../sealing.ts";
import {
  MAX_COUNTED_ANSWERS,
  MAX_ROTATED_ROWS,
  MAX_UPDATE_CHARS,
  ROTATED_CHUNK,
} from "./constants.ts";
import { SEALED_COLUMNS, type SealedColumn } from "./sealed-columns.ts";

type Rotating = Pick<Deps, "db" | "settings">;
type Sealed = { id: string; sealed: string };
/** Id, text as it was read, text under the current key. */
type Resealed = [id: string, before: string, again: string];

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
    const again = await Promise.all(rows.map((row) => sealAgain(column, keys, row)));
    const opened = again.filter((row) => row !== null);
    const written = await writeSealed(deps, column, opened);
    total.sealed += written;
    total.unopened += rows.length - opened.length;
    // Somebody wrote a row meanwhile, maybe a Worker whose current key is still the old one.
    if (written < opened.length) total.unfinished = 1;
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

/** Null when no key opens it. */
async function sealAgain(
  { name, aad }: SealedColumn,
  keys: string,
  { id, sealed }: Sealed,
): Promise<Resealed | null> {
  try {
    return [id, sealed, await seal(keys, aad(id), await unseal(keys, aad(id), sealed))];
  } catch (error) {
    log.error("not_rotated", { column: name, id, error });
    return null;
  }
}

/** Writes rows that are still as they were read; returns how many. Raw, because the column is a parameter here. */
async function writeSealed(
  { db }: Rotating,
  { table, column }: SealedColumn,
  rows: readonly Resealed[],
): Promise<number> {
  const target = sql.identifier(column);
  let written = 0;
  for (const some of inStatements(rows)) {
    const { meta } = await db.run(sql`
      UPDATE ${table} SET ${target} = again.value ->> 2 FROM json_each(${JSON.stringify(some)}) AS again
      WHERE ${table}.id = again.value ->> 0 AND ${table}.${target} = again.value ->> 1`);
    written += meta.changes;
  }
  return written;
}

/** Rows in groups that one statement can be given. */
function inStatements(rows: readonly Resealed[]): Resealed[][] {
  const groups: Resealed[][] = [];
  let room = 0;
  for (const row of rows) {
    const size = row.join().length;
    if (size > room) {
      groups.push([]);
      room = MAX_UPDATE_CHARS;
    }
    groups.at(-1)?.push(row);
    room -= size;
  }
  return groups;
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
