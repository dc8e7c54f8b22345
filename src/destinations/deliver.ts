import { deliverChannel } from "./channel.ts";
import { ChannelConfig } from "./channel-config.ts";
import { deliverDiscord } from "./discord.ts";
import { DiscordConfig } from "./discord-config.ts";
import type { AttemptInput, AttemptResult } from "./driver.ts";
import type { SavedTarget } from "./egress.ts";
import { deliverHttp } from "./http.ts";
import { HttpConfig } from "./http-config.ts";
import { type Driver, defineKind } from "./kind.ts";
import { deliverListen, ListenConfig } from "./listen.ts";
import {
  maskChannel,
  maskDiscord,
  maskHttp,
  maskListen,
  maskR2,
  maskSens,
  maskSlack,
  maskSmsCode,
  maskTelegram,
  mergeChannel,
  mergeDiscord,
  mergeHttp,
  mergeListen,
  mergeR2,
  mergeSens,
  mergeSlack,
  mergeSmsCode,
  mergeTelegram,
} from "./merge-config.ts";
import { deliverR2 } from "./r2.ts";
import { R2Config } from "./r2-config.ts";
import type { Receipt } from "./receipt.ts";
import { CODE_SCHEDULE, HTTP_SCHEDULE, MESSAGING_SCHEDULE } from "./schedules.ts";
import { type DestinationConfig, DestinationKind } from "./schemas.ts";
import { deliverSens, isDoubtfulSens } from "./sens.ts";
import { SensConfig } from "./sens-config.ts";
import { pollSens } from "./sens-poll.ts";
import { showSens } from "./sens-receipt.ts";
import { deliverSlack } from "./slack.ts";
import { SlackConfig } from "./slack-config.ts";
import { deliverSmsCode } from "./sms-code.ts";
import { SmsCodeConfig } from "./sms-code-config.ts";
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
    receipts: null,
    deliver: deliverHttp,
  }),
  slack: defineKind({
    schema: SlackConfig,
    schedule: MESSAGING_SCHEDULE,
    mask: maskSlack,
    merge: mergeSlack,
    target: urlTarget,
    readers: "people",
    receipts: null,
    deliver: deliverSlack,
  }),
  discord: defineKind({
    schema: DiscordConfig,
    schedule: MESSAGING_SCHEDULE,
    mask: maskDiscord,
    merge: mergeDiscord,
    target: urlTarget,
    readers: "people",
    receipts: null,
    deliver: deliverDiscord,
  }),
  telegram: defineKind({
    schema: TelegramConfig,
    schedule: MESSAGING_SCHEDULE,
    mask: maskTelegram,
    merge: mergeTelegram,
    target: ({ baseUrl }) => ({ url: baseUrl, field: "config.baseUrl" }),
    readers: "people",
    receipts: null,
    deliver: deliverTelegram,
  }),
  sens_sms: defineKind({
    schema: SensConfig,
    schedule: MESSAGING_SCHEDULE,
    mask: maskSens,
    merge: mergeSens,
    target: ({ baseUrl }) => ({ url: baseUrl, field: "config.baseUrl" }),
    readers: "people",
    receipts: { isDoubtful: isDoubtfulSens, show: showSens, poll: pollSens },
    deliver: deliverSens,
  }),
  r2: defineKind({
    schema: R2Config,
    schedule: MESSAGING_SCHEDULE,
    mask: maskR2,
    merge: mergeR2,
    target: () => null,
    readers: "machines",
    receipts: null,
    deliver: deliverR2,
  }),
  channel: defineKind({
    schema: ChannelConfig,
    schedule: MESSAGING_SCHEDULE,
    mask: maskChannel,
    merge: mergeChannel,
    target: () => null,
    readers: "machines",
    receipts: null,
    deliver: deliverChannel,
  }),
  sms_code: defineKind({
    schema: SmsCodeConfig,
    schedule: CODE_SCHEDULE,
    mask: maskSmsCode,
    merge: mergeSmsCode,
    target: () => null,
    readers: "machines",
    receipts: null,
    deliver: deliverSmsCode,
  }),
  listen: defineKind({
    schema: ListenConfig,
    schedule: HTTP_SCHEDULE,
    mask: maskListen,
    merge: mergeListen,
    target: () => null,
    readers: "machines",
    receipts: null,
    deliver: deliverListen,
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

/** How a kind keeps account of what its service has taken on; null when it keeps none. */
export function receiptsOf(kind: DestinationKind): Driver["receipts"] {
  return DRIVERS[kind].receipts;
}

/** A stored receipt in its kind's words; null for one that no kind of this release has written. */
export function showReceipt(stored: unknown): Receipt | null {
  return keeperOf(stored)?.show(stored) ?? null;
}

/** The kind that has written a receipt: its destination may be gone. */
export function keeperOf(stored: unknown): Driver["receipts"] {
  const kind = DestinationKind.safeParse((stored as { kind?: unknown } | null)?.kind);
  return kind.success ? receiptsOf(kind.data) : null;
}

/** Whether machines or people read what a kind is sent: alerts are JSON for the ones and a sentence for the others. */
export function readersOf(kind: DestinationKind): Driver["readers"] {
  return DRIVERS[kind].readers;
}
