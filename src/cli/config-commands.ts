import type { Command } from "commander";
import { openApi } from "./api.ts";
import { commonOptions, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { type ConfigFile, configPath, readConfigFile, writeConfigFile } from "./config-file.ts";
import { EXIT } from "./exit-codes.ts";
import { readText } from "./read-value.ts";
import { keyOf, originOf } from "./target.ts";

/** `login` checks an address and a key, and keeps them; `config` shows what is kept. */
export function registerConfig(program: Command, cli: Cli): void {
  const { say } = cli;
  addLogin(program, cli);
  const config = program.command("config").description(say.commands.groups.config);
  const show = config.command("show").description(say.commands.configShow);
  onCall(cli, show, async ({ print }) => {
    const { url, key } = read(cli);
    print.one({ file: configPath(cli.env), url, key: key && `…${key.slice(-4)}` });
  });
  const set = config.command("set <name> <value>").description(say.commands.configSet);
  onCall(cli, set, async ({ print }, _, name = "", value = "") => {
    const setting = await settingOf(cli, name, value);
    const kept = read(cli);
    // A key belongs to the deployment it was kept for.
    const isMoved = setting.url !== undefined && setting.url !== kept.url;
    write(cli, isMoved ? setting : { ...kept, ...setting });
    if (print.json) print.value({ file: configPath(cli.env) });
    else print.line(say.saved(configPath(cli.env)));
  });
}

async function settingOf(cli: Cli, name: string, value: string): Promise<ConfigFile> {
  if (name === "url") return { url: originOf(value, cli.say) };
  if (name !== "key") throw new CliError(cli.say.errors.noSetting(name));
  const key = value === "-" ? (await readText(cli, "-")).trim() : value;
  return { key: keyOf({ url: "", key }, cli.say) };
}

function addLogin(program: Command, cli: Cli): void {
  const { say, env } = cli;
  const login = program.command("login").description(say.commands.login);
  onCall(cli, login, async ({ print }) => {
    const given = commonOptions(login);
    const address = given.url ?? (env.BATON_URL || undefined);
    if (!address) throw new CliError(say.errors.loginUrl);
    const url = originOf(address, say);
    const said = given.key ?? (env.BATON_API_KEY || (await keyFromStdin(cli)));
    if (!said) throw new CliError(say.errors.loginKey(url), EXIT.unauthorized);
    const key = keyOf({ url, key: said }, say);
    const api = openApi(url, () => key, say, cli.signal);
    // A key without the scope `read` is known too: only an unknown one is refused with 401.
    await api.page("/sources", { limit: 1 }).catch((error: unknown) => {
      const isKnown = error instanceof CliError && error.status === 403;
      if (!isKnown) throw error;
    });
    write(cli, { url, key });
    if (print.json) print.value({ file: configPath(env), url });
    else print.line(say.loggedIn(url, configPath(env)));
  });
}

/** A key on the command line can be seen by others and stays in the shell's history. */
async function keyFromStdin(cli: Cli): Promise<string | undefined> {
  if (cli.stdin.isTTY) return undefined;
  return (await readText(cli, "-")).trim() || undefined;
}

function read(cli: Cli): ConfigFile {
  const warn = (text: string) => void cli.stderr.write(`baton: ${text}\n`);
  return readConfigFile(configPath(cli.env), cli.say, warn) ?? {};
}

function write({ env, say }: Cli, config: ConfigFile): void {
  const path = configPath(env);
  try {
    writeConfigFile(path, config);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "";
    throw new CliError(say.errors.notSaved(path, why), EXIT.usage);
  }
}
