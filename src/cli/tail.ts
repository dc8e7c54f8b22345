import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { TailCall, TailDeps } from "./tail-deps.ts";
import { TailError } from "./tail-error.ts";
import { DEFAULT_UNIT, installSystemd, programOf } from "./tail-install.ts";
import { defaultCheckpoint } from "./tail-paths.ts";
import { readTailRequest, type TailFlags } from "./tail-request.ts";
import { runTail } from "./tail-run.ts";
import { showTailStatus } from "./tail-show-status.ts";
import { TAIL_TEXTS } from "./tail-texts.ts";

export type { TailDeps } from "./tail-deps.ts";

type Flags = TailFlags & {
  status?: boolean;
  json?: boolean;
  installSystemd?: string | true;
  unit: string;
};

/** Adds `baton tail`, and gives it. It says its own errors; what `deps` throws goes on to the program. */
export function registerTail(program: Command, deps: TailDeps): Command {
  const texts = TAIL_TEXTS[deps.language];
  const { flags } = texts;
  const checkpoint = flags.checkpoint.replace("%s", defaultCheckpoint(process.env));
  return program
    .command("tail")
    .summary(texts.summary)
    .description(texts.summary)
    .argument("[files...]", flags.files)
    .addOption(new Option("--source <slug|url>", flags.source).env("BATON_TAIL_SOURCE"))
    .option("--match <text|/re2/>", flags.match)
    .option("--checkpoint <file>", checkpoint)
    .option("--encoding <name>", flags.encoding)
    .option("--multiline </re2/>", flags.multiline)
    .option("--from <where>", flags.from)
    .option("--cooldown <seconds>", flags.cooldown)
    .option("--max-age <seconds>", flags.maxAge)
    .addOption(new Option("--sender-key <key>", flags.senderKey).env("BATON_SENDER_KEY"))
    .addOption(
      new Option("--header <header>", flags.header)
        .env("BATON_TAIL_HEADERS")
        .argParser((value: string, all: string[] | undefined) => [...(all ?? []), value]),
    )
    .option("--status-json <seconds>", flags.statusJson)
    .option("--status", flags.status)
    .option("--json", flags.json)
    .option("--install-systemd [folder]", flags.installSystemd)
    .option("--unit <name>", flags.unit, DEFAULT_UNIT)
    .addHelpText("after", `\n${texts.help}`)
    .action(async (files: string[], _own: unknown, command: Command) => {
      const call = { ...deps, resolveApi: () => deps.resolveApi(command) };
      deps.exit(await exitCodeOf(() => tail(files, command.optsWithGlobals<Flags>(), call), call));
    });
}

async function exitCodeOf(run: () => Promise<number>, { stderr }: TailCall): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TailError)) throw error;
    stderr.write(`baton: ${error.message}\n`);
    return error.exitCode;
  }
}

async function tail(files: string[], flags: Flags, call: TailCall): Promise<number> {
  const texts = TAIL_TEXTS[call.language];
  if (flags.status) {
    const file = resolve(flags.checkpoint ?? defaultCheckpoint(process.env));
    return showTailStatus(file, flags.json === true, call);
  }
  const request = readTailRequest(files, flags, process.env, texts);
  if (flags.installSystemd === undefined) return runTail(request, call);
  const folder = flags.installSystemd === true ? DEFAULT_UNIT : flags.installSystemd;
  return installSystemd(folder, flags.unit, request, flags, programOf(process.argv), call);
}
