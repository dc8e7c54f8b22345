import { clearLine, createInterface, cursorTo } from "node:readline";
import type { Command } from "commander";
import { printable } from "../local/printable.ts";
import { addCommonOptions, commonOptions } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";
import { answerLines } from "./kakao-answer.ts";
import { type KakaoCallbacks, openKakaoCallbacks } from "./kakao-callbacks.ts";
import { channelUrl, webhookUrl } from "./kakao-channel.ts";
import { DEFAULT_CALLBACK_ORIGIN, DEFAULT_USER, MAX_LINE_CHARS } from "./kakao-constants.ts";
import { type Heard, writeMessage } from "./kakao-user.ts";
import { createPrinter, jsonOf, type Printer } from "./printer.ts";
import { findLocalSession } from "./session-file.ts";

type Flags = { user?: string; source?: string; callback: boolean; once?: string };

/** Prints one line of what the user sees, or of why there is nothing to see. */
type Show = (text: string, kind?: "said" | "waiting" | "fault") => void;

type Simulation = {
  cli: Cli;
  channel: string;
  screen: { show: Show };
  /** Writes a message, prints what the user sees of it, and tells whether it was answered. */
  write: (text: string) => Promise<boolean>;
};

/** `kakao simulate`: a KakaoTalk user, and Kakao's callback server. */
export function registerKakaoSimulate(group: Command, cli: Cli): void {
  const { kakao: say } = cli.say;
  const command = group
    .command("simulate")
    .description(say.simulate)
    .option("--user <name>", say.user(DEFAULT_USER))
    .option("--source <source>", say.source)
    .option("--no-callback", say.noCallback)
    .option("--once <text>", say.once);
  addCommonOptions(command, cli.say);
  command.action(async () => {
    const { user = DEFAULT_USER, source, callback, once } = command.opts<Flags>();
    const common = commonOptions(command);
    const channel = channelUrl(cli, command, source);
    const callbacks = callback ? await openCallbacks(cli, channel) : undefined;
    const print = createPrinter(cli, common.json === true, common.color !== false);
    const screen = { show: showOn(cli, print) };
    const kakaoUser = {
      cli,
      webhookUrl: webhookUrl(channel),
      user,
      callbacks,
      secret: secret(cli),
    };
    const write = async (text: string) => {
      const began = performance.now();
      let last: Heard | undefined;
      for await (const heard of writeMessage(kakaoUser, text)) {
        last = heard;
        if (print.json) print.line(jsonOf({ message: text, ms: since(began), ...heard }));
        else tell(screen, heard);
      }
      return last?.kind === "answer";
    };
    try {
      await simulate({ cli, channel, screen, write }, once);
    } finally {
      await callbacks?.close();
    }
  });
}

async function simulate(run: Simulation, once: string | undefined): Promise<void> {
  const { cli, write } = run;
  if (once !== undefined) {
    if (await write(once)) return;
    throw new CliError("", EXIT.refused);
  }
  if (cli.stdin.isTTY && cli.stdout.isTTY) return converse(run);
  const lines = createInterface({ input: cli.stdin });
  cli.signal.addEventListener("abort", () => lines.close());
  let unanswered = 0;
  for await (const line of lines) {
    if (line.trim() !== "" && !(await write(line))) unanswered++;
  }
  if (cli.signal.aborted) throw new CliError("", EXIT.interrupted);
  if (unanswered > 0) throw new CliError("", EXIT.refused);
}

/** At a terminal: a user may write on while an answer is awaited. */
async function converse({ cli, channel, screen, write }: Simulation): Promise<void> {
  const { kakao: say } = cli.say;
  cli.stderr.write(`${say.ready(channel)}\n${say.unpaired}\n`);
  const lines = createInterface({ input: cli.stdin, output: cli.stdout, prompt: "> " });
  const { show } = screen;
  screen.show = (text, kind) => {
    clearLine(cli.stdout, 0);
    cursorTo(cli.stdout, 0);
    show(text, kind);
    // What is being written stays in its place.
    lines.prompt(true);
  };
  let fault: unknown;
  lines.on("line", (line) => {
    lines.prompt();
    if (line.trim() === "") return;
    write(line).catch((error: unknown) => {
      fault ??= error;
      lines.close();
    });
  });
  lines.on("SIGINT", () => lines.close());
  cli.signal.addEventListener("abort", () => lines.close());
  lines.prompt();
  await new Promise<void>((resolve) => lines.once("close", resolve));
  cli.stdout.write("\n");
  if (fault) throw fault;
}

function showOn({ stderr }: Cli, print: Printer): Show {
  return (text, kind = "said") => {
    const [indent = ""] = /^ */.exec(text) ?? [];
    const line = indent + printable(text, MAX_LINE_CHARS);
    if (kind === "fault") stderr.write(`baton: ${line}\n`);
    else print.line(kind === "waiting" ? print.paint("dim", line) : line);
  };
}

function tell({ show }: { show: Show }, heard: Heard): void {
  if (heard.kind === "fault") show(heard.why, "fault");
  else if (heard.kind === "waiting") show(heard.text, "waiting");
  else for (const line of answerLines(heard.answer)) show(line);
}

/** The callback server, on an address that the deployment hands answers to. */
async function openCallbacks(cli: Cli, channel: string): Promise<KakaoCallbacks> {
  const { kakao: say } = cli.say;
  const origins = allowedOrigins(cli, channel).flatMap((text) => {
    const { protocol, hostname, port } = URL.parse(text) ?? {};
    const host = hostname?.replace(/^\[|\]$/g, "");
    const isHere = protocol === "http:" && /^(127\..*|localhost|::1)$/.test(host ?? "");
    return isHere && host ? [{ host, port: Number(port || 80), text }] : [];
  });
  if (origins.length === 0) throw new CliError(say.noOrigins(DEFAULT_CALLBACK_ORIGIN));
  for (const { host, port } of origins) {
    try {
      return await openKakaoCallbacks({ host, port });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    }
  }
  throw new CliError(say.portsTaken(origins.map(({ port }) => port).join(", ")));
}

/** What the local session says of itself; else what it would be started with. */
function allowedOrigins(cli: Cli, channel: string): string[] {
  const local = findLocalSession(cli, cli.say);
  const isLocal = local?.running && new URL(local.url).origin === new URL(channel).origin;
  const text = cli.env.BATON_VAR_KAKAO_CALLBACK_ORIGINS ?? "";
  return isLocal ? local.callbackOrigins : text.split(/[\s,]+/).filter((one) => one !== "");
}

function secret({ env }: Cli): string | undefined {
  return env.KAKAO_SIGNATURE_SECRET || env.BATON_VAR_KAKAO_SIGNATURE_SECRET;
}

function since(began: number): number {
  return Math.round(performance.now() - began);
}
