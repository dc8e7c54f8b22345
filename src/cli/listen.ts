import type { Command } from "commander";
import { addCommonOptions, commonOptions, openCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { DEFAULT_CALL_SECONDS, DEFAULT_LISTEN_CONCURRENCY } from "./listen-constants.ts";
import { defaultListenName, type ListenFlags, readListenRequest } from "./listen-request.ts";
import { runListen } from "./listen-run.ts";

/** `listen`: events of sources, on this machine. */
export function registerListen(program: Command, cli: Cli): void {
  const { listen: say } = cli.say;
  const command = program
    .command("listen")
    .description(say.summary)
    .argument("<source...>", say.sources)
    .requiredOption("--forward <url|port>", say.forward)
    .option("--name <name>", say.name(defaultListenName()))
    .option("--since <where>", say.since)
    .option("--match <json>", say.match)
    .option("--method <method>", say.method)
    .option("--path <glob>", say.path)
    .option("--text <text>", say.text)
    .option("--concurrency <n>", say.concurrency(DEFAULT_LISTEN_CONCURRENCY))
    .option("--call-timeout <seconds>", say.callTimeout(DEFAULT_CALL_SECONDS))
    .option("--once", say.once)
    .option("--timeout <seconds>", say.timeout);
  addCommonOptions(command, cli.say);
  command.action(async (sources: string[]) => {
    const request = await readListenRequest(cli, sources, command.opts<ListenFlags>());
    // Ctrl-C ends the listening; what is under way then still needs the API.
    const last = new AbortController();
    const call = openCall({ ...cli, signal: last.signal }, commonOptions(command));
    await runListen({ call, request, stop: cli.signal, last });
  });
}
