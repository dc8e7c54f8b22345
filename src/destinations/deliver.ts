import type { AttemptInput, AttemptResult } from "./driver.ts";
import { deliverHttp } from "./http.ts";
import { HttpConfig } from "./http-config.ts";
import { type Driver, defineKind } from "./kind.ts";
import { maskHttp, maskSlack, mergeHttp, mergeSlack } from "./merge-config.ts";
import { HTTP_SCHEDULE, MESSAGING_SCHEDULE } from "./schedules.ts";
import type { DestinationConfig, DestinationKind } from "./schemas.ts";
import { deliverSlack } from "./slack.ts";
import { SlackConfig } from "./slack-config.ts";

/** Every kind of destination; a new one does not compile until it is here. */
export const DRIVERS = {
  http: defineKind({
    schema: HttpConfig,
    schedule: HTTP_SCHEDULE,
    mask: maskHttp,
    merge: mergeHttp,
    deliver: deliverHttp,
  }),
  slack: defineKind({
    schema: SlackConfig,
    schedule: MESSAGING_SCHEDULE,
    mask: maskSlack,
    merge: mergeSlack,
    deliver: deliverSlack,
  }),
} satisfies Record<DestinationKind, Driver>;

/** One try of one delivery. A failure outside is data; what it throws is our own bug, or R2 that could not be read. */
export async function deliver(
  kind: DestinationKind,
  config: DestinationConfig,
  input: AttemptInput,
): Promise<AttemptResult> {
  return DRIVERS[kind].deliver(config, input);
}

/** Seconds before each try of a destination without a schedule of its own. */
export function defaultSchedule(kind: DestinationKind): readonly number[] {
  return DRIVERS[kind].schedule;
}
