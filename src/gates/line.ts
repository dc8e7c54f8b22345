/**
 * The rows of a gate in its SQLite. A row's `state`:
 * `queued` known, has not asked yet · `blocked` asked, is not the head of its key · `waiting` asked, no permit is free ·
 * `released` a task was sent for it · `resting` comes back by itself at `until` · `held` has a permit until `until`.
 */
export type LineState = "queued" | "blocked" | "waiting" | "released" | "resting" | "held";

export type LineRow = {
  id: string;
  event_id: string;
  key: string | null;
  state: LineState;
  permit_id: string | null;
  /** ms UTC; see `state`; for the others since when they are in it. */
  until: number;
  /** Tries that the delivery had had when it last asked. */
  attempt: number;
  /** 1 when `until` is a slot of the rate. */
  has_slot: number;
};

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS line (
    id TEXT PRIMARY KEY, event_id TEXT NOT NULL, key TEXT, state TEXT NOT NULL, permit_id TEXT,
    until REAL NOT NULL, attempt INTEGER NOT NULL, has_slot INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS line_key ON line (key, event_id, id) WHERE key IS NOT NULL;
  CREATE INDEX IF NOT EXISTS line_state ON line (state, event_id, id);`;

/** The statements of a gate's line; no rule is here. */
export class Line {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  find(id: string): LineRow | null {
    return this.#rows("SELECT * FROM line WHERE id = ?", id)[0] ?? null;
  }

  save(row: LineRow): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO line (id, event_id, key, state, permit_id, until, attempt, has_slot) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      row.id,
      row.event_id,
      row.key,
      row.state,
      row.permit_id,
      row.until,
      row.attempt,
      row.has_slot,
    );
  }

  remove(id: string): void {
    this.#sql.exec("DELETE FROM line WHERE id = ?", id);
  }

  /** First of its key, in the order of events. */
  headOf(key: string): LineRow | null {
    const sql = "SELECT * FROM line WHERE key = ? ORDER BY event_id, id LIMIT 1";
    return this.#rows(sql, key)[0] ?? null;
  }

  isKeyHeld(key: string): boolean {
    return this.#count("SELECT count(*) AS n FROM line WHERE key = ? AND state = 'held'", key) > 0;
  }

  countIn(state: LineState): number {
    return this.#count("SELECT count(*) AS n FROM line WHERE state = ?", state);
  }

  first(state: LineState, limit: number): LineRow[] {
    const sql = "SELECT * FROM line WHERE state = ? ORDER BY event_id, id LIMIT ?";
    return this.#rows(sql, state, limit);
  }

  expired(now: number): LineRow[] {
    return this.#rows("SELECT * FROM line WHERE state = 'held' AND until <= ?", now);
  }

  /** Rows that should have asked by now: their task is lost, or their delivery has ended without a word. */
  overdue(before: number, limit: number): LineRow[] {
    return this.#rows(
      "SELECT * FROM line WHERE state IN ('queued', 'released', 'resting') AND until < ? ORDER BY until LIMIT ?",
      before,
      limit,
    );
  }

  hasSlots(): boolean {
    const sql =
      "SELECT count(*) AS n FROM (SELECT 1 FROM line WHERE state = 'resting' AND has_slot = 1 LIMIT 1)";
    return this.#count(sql) > 0;
  }

  /** The order was given up: nobody blocks anybody. */
  dropKeys(): void {
    this.#sql.exec("UPDATE line SET key = NULL, state = iif(state = 'blocked', 'waiting', state)");
  }

  /** The slots were given up: whoever rests until its slot asks again. */
  dropSlots(): void {
    this.#sql.exec(
      "UPDATE line SET state = 'waiting', has_slot = 0 WHERE state = 'resting' AND has_slot = 1",
    );
  }

  /** The earliest time (ms UTC) at which a row that holds a permit or comes by itself is expected; null: there is none. */
  nextUntil(): number | null {
    const sql =
      "SELECT min(until) AS n FROM line WHERE state IN ('queued', 'released', 'resting', 'held')";
    return this.#sql.exec<{ n: number | null }>(sql).one().n;
  }

  removeWaiting(): void {
    this.#sql.exec("DELETE FROM line WHERE state <> 'held'");
  }

  isEmpty(): boolean {
    return this.#count("SELECT count(*) AS n FROM (SELECT 1 FROM line LIMIT 1)") === 0;
  }

  #rows(sql: string, ...values: (string | number)[]): LineRow[] {
    return this.#sql.exec<LineRow>(sql, ...values).toArray();
  }

  #count(sql: string, ...values: (string | number)[]): number {
    return this.#sql.exec<{ n: number }>(sql, ...values).one().n;
  }
}
