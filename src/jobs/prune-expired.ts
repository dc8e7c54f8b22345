import type { JobReport } from "./schemas.ts";
export async function pruneExpired(): Promise<JobReport> {
  return {};
}
