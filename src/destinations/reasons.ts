/** Why an attempt did not succeed; a closed list, documented in docs/deliveries.md. */
export const REASONS = [
  "http_status",
  "redirect",
  "gone",
  "timeout",
  "connection_failed",
  "connection_refused",
  "rate_limited",
  "rejected",
  "invalid_payload",
  "no_recipient",
  "daily_cap",
  "unresolved",
  "storage_failed",
  "unsendable_request",
  "blocked_url",
  "body_missing",
  "transform_failed",
  "invalid_config",
  "internal_error",
  "interrupted",
] as const;
export type Reason = (typeof REASONS)[number];
