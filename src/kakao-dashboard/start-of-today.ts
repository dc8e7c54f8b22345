import { SEOUL_OFFSET_MS } from "../sms/index.ts";
import { DAY_MS } from "./constants.ts";

/** The last midnight in Seoul, in milliseconds UTC. */
export function startOfToday(now: number): number {
  return now - ((now + SEOUL_OFFSET_MS) % DAY_MS);
}
