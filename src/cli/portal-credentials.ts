import type { Command } from "commander";
import type { MaskedCredentials } from "../portals/schemas.ts";
import { onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { portalPath } from "./portal-resource.ts";
import { readPassword } from "./read-password.ts";
import { readData } from "./read-value.ts";

type Options = { username?: string; phone?: string; data?: string; rm?: boolean };

/** `portals credentials`: secrets come from the environment, stdin, a file or a prompt. */
export function registerPortalCredentials(portals: Command, cli: Cli): void {
  const { portals: say } = cli.say;
  const command = portals
    .command("credentials <portal>")
    .description(say.credentials)
    .option("--username <name>", say.username)
    .option("--phone <number>", say.phone)
    .option("--data <json>", say.data)
    .option("--rm", say.remove);
  onCall<Options>(cli, command, async (call, options, reference = "") => {
    if (options.rm) {
      const path = await portalPath(call, reference);
      await call.api.remove(`${path}/credentials`);
      call.print.note(say.forgotten(reference));
      return;
    }
    const body = await readCredentials(cli, options);
    const path = await portalPath(call, reference);
    const put = call.api.send<MaskedCredentials>("PUT", `${path}/credentials`, "username", body);
    call.print.one(await put);
  });
}

async function readCredentials(cli: Cli, { username, phone, data }: Options) {
  const body = await readData(cli, data);
  if (username !== undefined) body.username = username;
  if (phone !== undefined) body.phone = phone;
  if (body.username === undefined) throw new CliError(cli.say.portals.noUsername);
  body.password ??= await readPassword(cli);
  return body;
}
