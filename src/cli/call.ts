import type { Command } from "commander";
import { type Api, openApi } from "./api.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { configPath, readConfigFile } from "./config-file.ts";
import { createPrinter, type Printer } from "./printer.ts";
import { createProgress, type Progress } from "./progress.ts";
import { findLocalSession } from "./session-file.ts";
import { keyOf, resolveTarget, type Target } from "./target.ts";
import type { Texts } from "./texts.ts";

/** One run of a command. */
export type Call = { cli: Cli; api: Api; say: Texts; print: Printer; progress: Progress };

type Common = { url?: string; key?: string; json?: boolean; color?: boolean };

/** Options that may stand before and after every command; one that has a `--url` of its own keeps it. */
export function addCommonOptions(command: Command, say: Texts): Command {
  const taken = new Set(command.options.map((option) => option.attributeName()));
  if (!taken.has("url")) command.option("--url <url>", say.options.url);
  if (!taken.has("key")) command.option("--key <key>", say.options.key);
  if (!taken.has("json")) command.option("--json", say.options.json);
  return command.option("--no-color", say.options.noColor);
}

/**
 * Makes a command run: `run` gets what it needs for calls of the API, the command's options and its arguments.
 * Nothing is looked up before the first call is made.
 */
export function onCall<Options extends object = object>(
  cli: Cli,
  command: Command,
  run: (call: Call, options: Options, ...args: string[]) => Promise<void>,
): Command {
  const own = new Set(command.options.map((option) => option.attributeName()));
  addCommonOptions(command, cli.say);
  return command.action(async () => {
    const args = command.processedArgs as (string | undefined)[];
    const missing = command.registeredArguments.find((_, i) => args[i] === "");
    // A variable of a script that is not set.
    if (missing) throw new CliError(cli.say.errors.emptyArgument(missing.name()));
    const call = openCall(cli, commonOptions(command, own));
    try {
      await run(call, command.opts(), ...(args as string[]));
    } finally {
      // What is said next begins a line of its own.
      call.progress.end();
    }
  });
}

/** What stands on the command line before the command and after it; what comes after wins. */
export function commonOptions(command: Command, own: ReadonlySet<string> = new Set()): Common {
  const here = command.opts<Common>();
  const above = rootOf(command).opts<Common>();
  return {
    url: (own.has("url") ? undefined : here.url) ?? above.url,
    key: (own.has("key") ? undefined : here.key) ?? above.key,
    json: here.json || above.json,
    color: here.color !== false && above.color !== false,
  };
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}

export function openCall(cli: Cli, common: Common, timeoutMs?: number): Call {
  const { say } = cli;
  const target = () => findTarget(cli, common);
  return {
    cli,
    say,
    api: openLazily(target, cli, timeoutMs),
    print: createPrinter(cli, common.json === true, common.color !== false),
    progress: createProgress(cli.stderr),
  };
}

/** What flags, environment and files say together. */
export function findTarget(cli: Cli, flags: Common): Target {
  const { env, say } = cli;
  const url = flags.url ?? env.BATON_URL;
  // Files are only looked at when they are needed: their faults are of no interest to those who do not use them.
  if (url && (flags.key ?? env.BATON_API_KEY)) {
    return resolveTarget({ flags, env, local: undefined, file: undefined }, say);
  }
  const warn = (text: string) => void cli.stderr.write(`baton: ${text}\n`);
  const local = findLocalSession(cli, say);
  const isEnough = local?.running && !url;
  const file = isEnough ? undefined : readConfigFile(configPath(env), say, warn);
  return resolveTarget({ flags, env, local, file }, say);
}

function openLazily(find: () => Target, { say, signal }: Cli, timeoutMs?: number): Api {
  let opened: Api | undefined;
  const api = () => {
    if (opened) return opened;
    const target = find();
    opened = openApi(target.url, () => keyOf(target, say), say, signal, timeoutMs);
    return opened;
  };
  return {
    get origin() {
      return api().origin;
    },
    key: () => api().key(),
    get: (path, field, query) => api().get(path, field, query),
    page: (path, query) => api().page(path, query),
    create: (path, field, body, key) => api().create(path, field, body, key),
    send: (method, path, field, body) => api().send(method, path, field, body),
    remove: (path) => api().remove(path),
    open: (path) => api().open(path),
  };
}
