import { KEY_WINDOW_MS, LOG_AGE_MS, LOG_FRAMES, MAX_MESSAGE_BYTES } from "./constants.ts";
import type { LoggedFrame } from "./frame.ts";
import { formatPosition } from "./frame-id.ts";
import type { LogBounds } from "./plan-resume.ts";
import type { NewFrame, Publish } from "./rpc.ts";

/** A ring: a frame takes the place of the one before it by `LOG_FRAMES`, which is one row written, and no row deleted. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log (
    slot INTEGER PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL, data TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS once (
    key TEXT PRIMARY KEY, digest TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ordered (key TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;`;

type Row = { seq: number; at: number; event: string; data: string };
type OnceRow = { digest: string; first: number; count: number };

/** What an earlier publish with the same key was answered. */
type Earlier = { kind: "published"; ids: string[]; isRepeat: true } | { kind: "conflict" };
/** How many of the frames are there already, or the number from which on some are missing before them. */
type Place = { had: number; missing: null } | { had: 0; missing: number };

/** A frame with its number, which its id holds too. */
export type NumberedFrame = LoggedFrame & { seq: number };

/** A channel's log in its object's SQLite: an epoch, and frames numbered from 1. */
export class ChannelLog {
  readonly #sql: SqlStorage;
  readonly epoch: string;
  #last: number;
  #lastAt: number;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#sql.exec(SCHEMA);
    let epoch = storage.kv.get<string>("epoch");
    if (epoch === undefined) {
      epoch = newEpoch();
      storage.kv.put("epoch", epoch);
    }
    this.epoch = epoch;
    const newest = this.#rows(
      "SELECT seq, at, '' AS event, '' AS data FROM log ORDER BY seq DESC LIMIT 1",
    )[0];
    this.#last = newest?.seq ?? 0;
    this.#lastAt = newest?.at ?? 0;
  }

  get last(): number {
    return this.#last;
  }

  /** What may be read at this time: frames beyond their age are gone, whether or not they are deleted yet. */
  boundsAt(now: number): LogBounds {
    const sql = "SELECT min(seq) AS first FROM log WHERE at >= ?";
    const { first } = this.#sql.exec<{ first: number | null }>(sql, now - LOG_AGE_MS).one();
    return { epoch: this.epoch, first: first ?? this.#last + 1, last: this.#last };
  }

  /** The answer of the first publish with this key, or null. */
  findPublished({ once }: Publish, now: number): Earlier | null {
    if (!once) return null;
    const sql = "SELECT digest, first, count FROM once WHERE key = ? AND at > ?";
    const row = this.#sql.exec<OnceRow>(sql, once.key, now - KEY_WINDOW_MS).toArray()[0];
    if (!row) return null;
    if (row.digest !== once.digest) return { kind: "conflict" };
    const ids = Array.from({ length: row.count }, (_, i) => this.#idOf(row.first + i));
    return { kind: "published", ids, isRepeat: true };
  }

  /** Where numbered frames belong; those without a number are always new. Their key's row is never deleted. */
  placeOf({ frames, ordered }: Publish): Place {
    if (!ordered) return { had: 0, missing: null };
    const sql = "SELECT last FROM ordered WHERE key = ?";
    const row = this.#sql.exec<{ last: number }>(sql, ordered.key).toArray()[0];
    const last = Math.max(row?.last ?? 0, ordered.base);
    if (ordered.first > last + 1) return { had: 0, missing: last + 1 };
    return { had: Math.min(frames.length, last - ordered.first + 1), missing: null };
  }

  /** Ids of frames that were appended before; one look at all there are, since they are known by their data only. */
  findIds(frames: readonly NewFrame[]): (string | null)[] {
    if (frames.length === 0) return [];
    const sql = "SELECT seq, data FROM log WHERE data IN (SELECT value FROM json_each(?))";
    const texts = JSON.stringify(frames.map(({ data }) => data));
    const found = this.#sql.exec<{ seq: number; data: string }>(sql, texts).toArray();
    const seqs = new Map(found.map(({ seq, data }) => [data, seq]));
    return frames.map(({ data }) => {
      const seq = seqs.get(data);
      return seq === undefined ? null : this.#idOf(seq);
    });
  }

  /** Writes frames and the publisher's key; all in one turn, so that a crash leaves all or none. */
  append({ frames, once, ordered }: Publish, now: number): NumberedFrame[] {
    const at = Math.max(now, this.#lastAt);
    const first = this.#last + 1;
    const added = frames.map((frame, i) => this.#write(frame, first + i, at));
    if (once) {
      this.#sql.exec(
        "INSERT OR REPLACE INTO once (key, digest, first, count, at) VALUES (?, ?, ?, ?, ?)",
        once.key,
        once.digest,
        first,
        frames.length,
        at,
      );
    }
    if (ordered) {
      this.#sql.exec(
        "INSERT OR REPLACE INTO ordered (key, last) VALUES (?, ?)",
        ordered.key,
        ordered.first + frames.length - 1,
      );
    }
    this.#last += frames.length;
    this.#lastAt = at;
    return added;
  }

  /**
   * Frames from a number on, or from the oldest that the ring has, up to `limit` of them and about
   * `MAX_MESSAGE_BYTES`; at least one when there is one.
   */
  read(from: number, limit: number): NumberedFrame[] {
    const frames: NumberedFrame[] = [];
    const start = Math.max(from, this.#last - LOG_FRAMES + 1);
    let size = 0;
    for (const row of this.#iterate(start, Math.min(start + limit - 1, this.#last))) {
      size += row.data.length;
      if (frames.length > 0 && size > MAX_MESSAGE_BYTES) break;
      frames.push({ ...row, id: this.#idOf(row.seq) });
    }
    return frames;
  }

  /** Deletes what is beyond its age; the newest frame stays, since it holds the number. Returns whether more will age. */
  prune(now: number): boolean {
    this.#sql.exec("DELETE FROM log WHERE at < ? AND seq < ?", now - LOG_AGE_MS, this.#last);
    this.#sql.exec("DELETE FROM once WHERE at <= ?", now - KEY_WINDOW_MS);
    const sql =
      "SELECT (SELECT count(*) FROM log WHERE seq < ?) + (SELECT count(*) FROM (SELECT 1 FROM once LIMIT 1)) AS n";
    return this.#sql.exec<{ n: number }>(sql, this.#last).one().n > 0;
  }

  #write({ event, data }: NewFrame, seq: number, at: number): NumberedFrame {
    this.#sql.exec(
      "INSERT OR REPLACE INTO log (slot, seq, at, event, data) VALUES (?, ?, ?, ?, ?)",
      seq % LOG_FRAMES,
      seq,
      at,
      event,
      data,
    );
    return { seq, id: this.#idOf(seq), event, data, at };
  }

  /** Rows in their order: a range of numbers is one run of slots, or two where the ring closes. */
  *#iterate(from: number, to: number): Generator<Row> {
    for (let start = from; start <= to; ) {
      const end = Math.min(to, start - (start % LOG_FRAMES) + LOG_FRAMES - 1);
      const sql =
        "SELECT seq, at, event, data FROM log WHERE slot BETWEEN ? AND ? AND seq BETWEEN ? AND ? ORDER BY slot";
      yield* this.#sql.exec<Row>(sql, start % LOG_FRAMES, end % LOG_FRAMES, start, end);
      start = end + 1;
    }
  }

  #rows(sql: string): Row[] {
    return this.#sql.exec<Row>(sql).toArray();
  }

  #idOf(seq: number): string {
    return formatPosition({ epoch: this.epoch, seq });
  }
}

/** Sorts by time, and differs between two logs of one millisecond. */
function newEpoch(): string {
  const random = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  return Date.now().toString(36) + random.toString(36).padStart(7, "0");
}
