import { DurableObject } from "cloudflare:workers";
import type { Rate, RateLimiter, Taken } from "./rpc.ts";

/** One row for each that was allowed, while it counts. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS taken (until INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS taken_until ON taken (until);`;

/** An exact sliding window over what one key has taken. It forgets everything, itself too, when the window has passed. */
export class RateLimit extends DurableObject<ObjectsEnv> implements RateLimiter {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: ObjectsEnv) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
  }

  /** Takes one, if the window has room. */
  async take({ limit, windowMs }: Rate): Promise<Taken> {
    const now = Date.now();
    // Here, not when the object starts: a key that is never seen again must leave nothing behind.
    this.#sql.exec(SCHEMA);
    this.#forget(now);
    const { count, first } = this.#look();
    if (count >= limit) {
      const resetAt = first ?? now + windowMs;
      return { allowed: false, remaining: 0, resetAt, retryAfterMs: resetAt - now };
    }
    this.#sql.exec("INSERT INTO taken (until) VALUES (?)", now + windowMs);
    await this.#wake(now + windowMs);
    return {
      allowed: true,
      remaining: limit - count - 1,
      resetAt: now + windowMs,
      retryAfterMs: 0,
    };
  }

  override async alarm(): Promise<void> {
    this.#sql.exec(SCHEMA);
    this.#forget(Date.now());
    const { last } = this.#look();
    if (last !== null) return this.ctx.storage.setAlarm(last);
    await this.ctx.storage.deleteAll();
  }

  #forget(now: number): void {
    this.#sql.exec("DELETE FROM taken WHERE until <= ?", now);
  }

  #look(): { count: number; first: number | null; last: number | null } {
    const sql = "SELECT count(*) AS count, min(until) AS first, max(until) AS last FROM taken";
    return this.#sql.exec<{ count: number; first: number | null; last: number | null }>(sql).one();
  }

  async #wake(time: number): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(time);
  }
}
