import type { Command } from "commander";
import { commonOptions, findTarget } from "./call.ts";
import type { Cli } from "./cli.ts";
import { originOf } from "./target.ts";

/** Where a KakaoTalk channel's routes are: `https://…` of the app, or `…/kakao/<slug>` of another source's channel. */
export function channelUrl(cli: Cli, command: Command, source: string | undefined): string {
  const { url } = findTarget(cli, commonOptions(command));
  const origin = originOf(url, cli.say);
  return source === undefined ? origin : `${origin}/kakao/${encodeURIComponent(source)}`;
}

/** The channel's skill webhook. */
export function webhookUrl(channel: string): string {
  return new URL(channel).pathname === "/" ? `${channel}/kakao/webhook` : `${channel}/webhook`;
}
