import type { Command } from "commander";
import type { Call } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { readData, readJsonOption } from "./read-value.ts";

/** `--enable`, `--disable` and `--data`, which every creation and change has. */
export type CommonFields = { data?: string; enable?: boolean; disable?: boolean };

export function addDataOption(command: Command, { say }: Cli): Command {
  return command.option("--data <json>", say.options.data);
}

export function addEnableOptions(command: Command, { say }: Cli): Command {
  return command.option("--enable", say.options.enable).option("--disable", say.options.disable);
}

export type Keyed = { idempotencyKey?: string };

/** For what creates: a script that gives the same key again gets what the first call made. */
export function addIdempotencyKey(command: Command, { say }: Cli): Command {
  return command.option("--idempotency-key <key>", say.options.idempotencyKey);
}

/** The body: `--data`, and over it what the options say; what is not said is left out. */
export async function readBody(
  { cli }: Call,
  options: CommonFields,
  said: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { enable, disable } = options;
  if (enable && disable) throw new CliError(cli.say.errors.enableAndDisable);
  const enabled = enable ? true : disable ? false : undefined;
  const body = await readData(cli, options.data);
  for (const [name, value] of Object.entries({ ...said, enabled })) {
    if (value !== undefined) body[name] = value;
  }
  return body;
}

/** An option that holds JSON, or undefined when it is not given. */
export function jsonOf(cli: Cli, option: string, value: string | undefined): Promise<unknown> {
  return value === undefined ? Promise.resolve(undefined) : readJsonOption(cli, option, value);
}

/** For an option that can be given several times. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}
