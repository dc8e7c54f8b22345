import { z } from "zod";

/** How long a source's events are kept when it does not say, in days. */
export const DEFAULT_RETENTION_DAYS = 30;

/** The longest retention, in days. Whatever is older is deleted, whoever it belonged to. */
export const MAX_RETENTION_DAYS = 365;

/** A source's retention; null: the deployment's default. */
export const RetentionDays = z
  .number()
  .int()
  .min(1)
  .max(MAX_RETENTION_DAYS)
  .nullable()
  .meta({
    description: `Days that events are kept, with their deliveries and bodies; null: ${DEFAULT_RETENTION_DAYS}`,
  });
