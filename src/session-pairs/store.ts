import { AUDIT, MAX_EVIDENCE } from "./constants.ts";
import { FRESH_STATE, type Note, type PairState } from "./machine/state.ts";
import { type Counts, NO_COUNTS } from "./metrics.ts";
import type { AuditEntry, Evidence } from "./rpc.ts";

const TABLES = `
  CREATE TABLE IF NOT EXISTS jars (
    slot TEXT PRIMARY KEY, fence INTEGER NOT NULL, version INTEGER NOT NULL, sealed TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, what TEXT NOT NULL, slot TEXT,
    fields TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS evidence (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, reason TEXT NOT NULL, url TEXT NOT NULL,
    steps TEXT NOT NULL, screenshot BLOB
  ) WITHOUT ROWID;
`;

/** A jar as it is kept: which login's it is, and how often it was written. */
export type JarRow = { fence: number; version: number; sealed: string };

/** What a pair has written down. All of it is synchronous: state and audit change together or not at all. */
export class Store {
  readonly #storage: DurableObjectStorage;
  #isClosed = false;
  state: PairState;
  counts: Counts;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(TABLES);
    // Fields that a newer version has are added to what an older one has kept.
    this.state = { ...FRESH_STATE, ...storage.kv.get<PairState>("state") };
    this.counts = { ...NO_COUNTS, ...storage.kv.get<Counts>("counts") };
  }

  /** The portal's id: an object is told its name by callers, and not by its alarm. */
  get portalId(): string {
    return this.#storage.kv.get<string>("portalId") ?? "";
  }

  keepPortalId(portalId: string): void {
    this.#storage.kv.put("portalId", portalId);
  }

  /** Nothing is written any more by whoever still holds it. */
  close(): void {
    this.#isClosed = true;
  }

  /** Runs `also` in the same transaction. */
  write(state: PairState, notes: Note[], now: number, also: () => void = () => {}): void {
    if (this.#isClosed) return;
    this.#storage.transactionSync(() => {
      also();
      this.#storage.kv.put("state", state);
      for (const { what, slot, fields } of notes) {
        this.#storage.sql.exec(
          "INSERT INTO audit (at, what, slot, fields) VALUES (?, ?, ?, ?)",
          now,
          what,
          slot,
          JSON.stringify(fields),
        );
      }
    });
    this.state = state;
    if (notes.length > 0) this.#pruneAudit(now);
  }

  /** Audit of something that changes no state. */
  add(note: Note, now: number): void {
    this.write(this.state, [note], now);
  }

  count(counts: Counts): void {
    if (this.#isClosed) return;
    this.#storage.kv.put("counts", counts);
    this.counts = counts;
  }

  jar(slot: string): JarRow | null {
    const rows = this.#storage.sql.exec<JarRow>(
      "SELECT fence, version, sealed FROM jars WHERE slot = ?",
      slot,
    );
    return rows.toArray()[0] ?? null;
  }

  /** False: somebody has written since `after` was read. */
  writeJar(slot: string, row: JarRow, after: Pick<JarRow, "fence" | "version"> | null): boolean {
    const now = this.jar(slot);
    if (now?.version !== after?.version || now?.fence !== after?.fence) return false;
    this.#storage.sql.exec(
      "INSERT OR REPLACE INTO jars (slot, fence, version, sealed) VALUES (?, ?, ?, ?)",
      slot,
      row.fence,
      row.version,
      row.sealed,
    );
    return true;
  }

  audit(before: number | null, limit: number): AuditEntry[] {
    const rows = this.#storage.sql.exec<{
      id: number;
      at: number;
      what: string;
      slot: "A" | "B" | null;
      fields: string;
    }>(
      "SELECT id, at, what, slot, fields FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?",
      before ?? Number.MAX_SAFE_INTEGER,
      Math.min(limit, AUDIT.pageMax),
    );
    return rows.toArray().map((row) => ({ ...row, fields: JSON.parse(row.fields) }));
  }

  keepEvidence({ id, at, reason, url, steps, screenshot }: Evidence): void {
    this.#storage.sql.exec(
      "INSERT INTO evidence (id, at, reason, url, steps, screenshot) VALUES (?, ?, ?, ?, ?, ?)",
      id,
      at,
      reason,
      url,
      JSON.stringify(steps),
      screenshot,
    );
    this.#storage.sql.exec(
      "DELETE FROM evidence WHERE id NOT IN (SELECT id FROM evidence ORDER BY at DESC, id LIMIT ?)",
      MAX_EVIDENCE,
    );
  }

  evidence(id: string): Evidence | null {
    const rows = this.#storage.sql.exec<{
      id: string;
      at: number;
      reason: Evidence["reason"];
      url: string;
      steps: string;
      screenshot: ArrayBuffer | null;
    }>("SELECT id, at, reason, url, steps, screenshot FROM evidence WHERE id = ?", id);
    const [row] = rows.toArray();
    if (!row) return null;
    const screenshot = row.screenshot && new Uint8Array(row.screenshot);
    return { ...row, steps: JSON.parse(row.steps), screenshot };
  }

  #pruneAudit(now: number): void {
    this.#storage.sql.exec(
      "DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ? OR (at < ? AND id < (SELECT min(id) FROM audit) + 100)",
      AUDIT.maxEntries,
      now - AUDIT.maxAgeMs,
    );
  }
}
