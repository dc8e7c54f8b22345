/** Jobs by cron expression; the consumer's wrangler.toml declares the same expressions (a test compares them). */
export const CRONS = {
  "* * * * *": ["sweep", "health", "receipts", "portals", "chat"],
  "*/5 * * * *": ["kakao"],
  "17 * * * *": ["prune"],
} as const satisfies Record<string, readonly string[]>;

/** Jobs that run only when somebody asks for them. */
const MANUAL_JOBS = ["rotate"] as const;

export type JobName = (typeof CRONS)[keyof typeof CRONS][number] | (typeof MANUAL_JOBS)[number];

export const JOB_NAMES: readonly JobName[] = [...Object.values(CRONS).flat(), ...MANUAL_JOBS];

/** What a job did: counts by name. */
export type JobReport = Record<string, number>;
