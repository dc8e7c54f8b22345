import type { Command } from "commander";
import type { PortalAnswer } from "../portal-sessions/schemas.ts";
import { collect } from "./body-fields.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";
import { portalPath } from "./portal-resource.ts";
import { readHeaders } from "./read-headers.ts";
import { readBytes, readCountGiven } from "./read-value.ts";

type Options = {
  method?: string;
  header?: string[];
  data?: string;
  wait?: string;
  idempotencyKey?: string;
};

/** A request's own wait, and the site's time after it, end before a call of the API does. */
const MAX_WAIT_SECONDS = 30;

/** `portals request PORTAL /path`. */
export function registerPortalRequest(portals: Command, cli: Cli): void {
  const { portals: say, options } = cli.say;
  const command = portals
    .command("request <portal> <path>")
    .description(say.request)
    .option("--method <method>", options.sendMethod)
    .option("-H, --header <name:value>", options.header, collect)
    .option("-d, --data <text>", options.sendData)
    .option("--wait <seconds>", say.wait)
    .option("--idempotency-key <key>", say.key);
  onCall<Options>(cli, command, async (call, given, reference = "", path = "") => {
    const body = await readRequest(cli, path, given);
    const target = `${await portalPath(call, reference)}/request`;
    print(call, await call.api.send<PortalAnswer>("POST", target, "servedBy", body));
  });
}

async function readRequest(cli: Cli, path: string, options: Options) {
  const bytes = options.data === undefined ? undefined : await readBytes(cli, options.data);
  const seconds = readCountGiven(cli, "--wait", options.wait, 0, MAX_WAIT_SECONDS);
  const headers = Object.fromEntries(readHeaders(options.header ?? [], cli.say));
  return {
    method: (options.method ?? (bytes ? "POST" : "GET")).toUpperCase(),
    ...(path.startsWith("/") ? { path } : { url: path }),
    ...(options.header && { headers }),
    ...(bytes && { bodyBase64: Buffer.from(bytes).toString("base64") }),
    ...(seconds !== undefined && { waitMs: seconds * 1_000 }),
    ...(options.idempotencyKey !== undefined && { idempotencyKey: options.idempotencyKey }),
  };
}

/** The body alone on stdout, so that it can be piped on. */
function print({ cli, print: to, say }: Call, answer: PortalAnswer): void {
  if (to.json) return to.value(answer);
  const { status, body, bodyBase64, servedBy } = answer;
  cli.stderr.write(`${say.portals.answered(status, servedBy.slot, servedBy.epoch)}\n`);
  if (body !== undefined) return to.line(body);
  if (cli.stdout.isTTY) throw new CliError(say.errors.notForTerminals, EXIT.usage);
  cli.stdout.write(Buffer.from(bodyBase64 ?? "", "base64"));
}
