import type { Command } from "commander";
import type { ChannelToken } from "../tokens/schemas.ts";
import { collect } from "./body-fields.ts";
import { onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { readCount } from "./read-value.ts";

const MAX_LIFE_SECONDS = 24 * 60 * 60;

type Options = { subscribe?: string[]; publish?: string[]; expiresIn?: string };

/** `channels token`: a token that opens some channels, for a browser or a program that must not hold the key. */
export function registerChannels(program: Command, cli: Cli): void {
  const { say } = cli;
  const channels = program.command("channels").description(say.commands.groups.channels);
  const token = channels
    .command("token")
    .description(say.commands.channelToken)
    .option("--subscribe <pattern>", say.options.subscribe, collect)
    .option("--publish <pattern>", say.options.publish, collect)
    .option("--expires-in <seconds>", say.options.expiresIn);
  onCall<Options>(cli, token, async (call, { subscribe, publish, expiresIn }) => {
    const expiresInSeconds =
      expiresIn && readCount(cli, "--expires-in", expiresIn, 1, MAX_LIFE_SECONDS);
    const body = { subscribe, publish, ...(expiresInSeconds && { expiresInSeconds }) };
    call.print.one(await call.api.create<ChannelToken>("/channel-tokens", "token", body));
  });
}
