/** At most `limit` in any `windowMs`. */
export type Rate = { limit: number; windowMs: number };

/** A refused one takes nothing. */
export type Taken = {
  allowed: boolean;
  /** What may be taken at once after this. */
  remaining: number;
  /** ms UTC: when all may be taken again, or after a refusal when the next one may. */
  resetAt: number;
  /** How long to wait after a refusal; 0 when it was allowed. */
  retryAfterMs: number;
};

/** RPC of a `RateLimit`. */
export type RateLimiter = { take(rate: Rate): Promise<Taken> };

/** The limits of a deployment, by what they count: `kakao:account:<id>`. */
export type RateLimits = { getByName(key: string): RateLimiter };
