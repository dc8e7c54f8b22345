import type { JobReport } from "../jobs/schemas.ts";
export async function sweepDeliveries(): Promise<JobReport> {
  return {};
}
