/** Jobs by cron expression; the consumer's wrangler.toml declares the same expressions (a test compares them). */
export const CRONS = {
  "* * * * *": ["sweep"],
  "17 * * * *": ["prune"],
} as const satisfies Record<string, readonly string[]>;

export type JobName = (typeof CRONS)[keyof typeof CRONS][number];

export const JOB_NAMES: readonly JobName[] = Object.values(CRONS).flat();

/** What a job did: counts by name. */
export type JobReport = Record<string, number>;
