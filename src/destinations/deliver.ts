import { deliverDiscord } from "./discord.ts";
import { DiscordConfig } from "./discord-config.ts";
import type { AttemptInput, AttemptResult } from "./driver.ts";
import type { SavedTarget } from "./egress.ts";
import { deliverHttp } from "./http.ts";
import { HttpConfig } from "./http-config.ts";
import { type Driver, defineKind } from "./kind.ts";
import {
  maskDiscord,
  maskHttp,
  maskSlack,
  maskTelegram,
  mergeDiscord,
  mergeHttp,
  mergeSlack,
  mergeTelegram,
} from "./merge-config.ts";
import { HTTP_SCHEDULE, MESSAGING_SCHEDULE } from "./schedules.ts";
import type { DestinationConfig, DestinationKind } from "./schemas.ts";
import { deliverSlack } from "./slack.ts";
import { SlackConfig } from "./slack-config.ts";
import { deliverTelegram } from "./telegram.ts";
import { TelegramConfig } from "./telegram-config.ts";

/** Every kind of destination; a new one does not compile until it is here. */
export const DRIVERS = {
  http: defineKind({
    schema: HttpConfig,
    schedule: HTTP_SCHEDULE,
    mask: maskHttp,
    merge: mergeHttp,
    target: ({ url, allowHttp }) => ({ url, allowHttp, field: "config.url" }),
    readers: "machines",
    deliver: deliverHttp,
  }),
  slack: defineKind({
    schema: SlackConfig,
    schedule: MESSAGING_SCHEDULE,
    mask: maskSlack,
    merge: mergeSlack,
    target: urlTarget,
    readers: "people",
    deliver: deliverSlack,
  }),
  discord: defineKind({
    schema: DiscordConfig,
    schedule: MESSAGING_SCHEDULE,
    mask: maskDiscord,
    merge: mergeDiscord,
    target: urlTarget,
    readers: "people",
    deliver: deliverDiscord,
  }),
  telegram: defineKind({
    schema: TelegramConfig,
    schedule: MESSAGING_SCHEDULE,
    mask: maskTelegram,
    merge: mergeTelegram,
    target: ({ baseUrl }) => ({ url: baseUrl, field: "config.baseUrl" }),
    readers: "people",
    deliver: deliverTelegram,
  }),
} satisfies Record<DestinationKind, Driver>;

function urlTarget({ url }: { url: string }): SavedTarget {
  return { url, field: "config.url" };
}

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

/** Whether machines or people read what a kind is sent: alerts are JSON for the ones and a sentence for the others. */
export function readersOf(kind: DestinationKind): Driver["readers"] {
  return DRIVERS[kind].readers;
}
