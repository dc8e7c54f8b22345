import { CRONS } from "../jobs/schemas.ts";
import { readTrackedConfig } from "./derive-configs.ts";
import type { Messages } from "./messages.ts";
import type { Schedule } from "./ticker.ts";

/** The crons that production fires, as the consumer's config declares them, with their jobs. */
export function declaredCrons(say: Messages, print: (line: string) => void): Schedule[] {
  const crons = readTrackedConfig("consumer").triggers?.crons ?? [];
  const jobsOf: Record<string, readonly string[]> = CRONS;
  return crons.flatMap((cron) => {
    const jobs = jobsOf[cron];
    if (jobs) return [{ cron, jobs }];
    print(say.cronWithoutJobs(cron));
    return [];
  });
}
