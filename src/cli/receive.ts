import type { Command } from "commander";
import { describeReceived, startReceiver } from "../local/receiver.ts";
import { onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { DEFAULT_RECEIVER_PORT } from "./constants.ts";
import { jsonOf } from "./printer.ts";
import { readCount } from "./read-value.ts";

/** `receive`: a server that answers 200 to everything and prints it, until it is stopped. */
export function registerReceive(program: Command, cli: Cli): void {
  const { say } = cli;
  const receive = program
    .command("receive")
    .description(say.commands.receive)
    .option("--port <port>", say.options.port(DEFAULT_RECEIVER_PORT));
  onCall<{ port?: string }>(cli, receive, async ({ print }, options) => {
    const text = options.port ?? cli.env.BATON_RECEIVER_PORT ?? String(DEFAULT_RECEIVER_PORT);
    const port = readCount(cli, "--port", text, 1, 65_535);
    const receiver = await startReceiver(port, (request) =>
      print.line(print.json ? jsonOf(request) : describeReceived(request)),
    ).catch((error: NodeJS.ErrnoException) => {
      throw new CliError(say.errors.portNotUsable(port, error.code ?? ""));
    });
    cli.stderr.write(`${say.listening(`http://127.0.0.1:${port}`)}\n`);
    await aborted(cli.signal);
    await receiver.close();
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
