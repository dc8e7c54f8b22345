import type { Command } from "commander";
import { printable } from "../local/printable.ts";
import type { Source } from "../sources/schemas.ts";
import { collect } from "./body-fields.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { BODY_TIMEOUT_MS, DEFAULT_WAIT_SECONDS } from "./constants.ts";
import { deliveryColumns } from "./delivery-columns.ts";
import { EXIT } from "./exit-codes.ts";
import { fetchFrom, readText } from "./fetch-from.ts";
import { readHeaders } from "./read-headers.ts";
import { readBytes, readCount } from "./read-value.ts";
import { refusalOf } from "./refusal.ts";
import { findByName } from "./resource.ts";
import { SOURCES } from "./sources.ts";
import { type Became, waitForDeliveries } from "./wait-for-deliveries.ts";

type Options = {
  method?: string;
  path: string;
  header?: string[];
  data?: string;
  wait?: boolean;
  timeout?: string;
};

type Answer = { status: number; id: string; duplicate: boolean; body: string };

/** `send`: a request to a source as a caller makes it, and what became of it. */
export function registerSend(program: Command, cli: Cli): void {
  const { options: say } = cli.say;
  const send = program
    .command("send <source>")
    .description(cli.say.commands.send)
    .option("--method <method>", say.sendMethod)
    .option("--path <path>", say.path, "/")
    .option("-H, --header <name:value>", say.header, collect)
    .option("-d, --data <text>", say.sendData)
    .option("--wait", say.wait)
    .option("--timeout <seconds>", say.timeout(DEFAULT_WAIT_SECONDS));
  onCall<Options>(cli, send, async (call, options, source = "") => {
    const seconds = readSeconds(cli, options);
    const answer = await sendTo(call, source, options);
    const became = options.wait ? await waitFor(call, answer, seconds) : undefined;
    print(call, answer, became);
    if (became && !became.done) {
      throw new CliError(call.say.errors.notDone(seconds, answer.id), EXIT.undelivered);
    }
    if (became?.deliveries.some(({ status }) => status !== "succeeded")) {
      throw new CliError(call.say.errors.undelivered, EXIT.undelivered);
    }
  });
}

/** What was sent is stored, whatever becomes of the waiting: its id is said, or it would be sent again. */
async function waitFor(call: Call, answer: Answer, seconds: number): Promise<Became> {
  try {
    return await waitForDeliveries(call, answer.id, seconds * 1000);
  } catch (error) {
    call.progress.end();
    print(call, answer, undefined);
    throw error;
  }
}

function readSeconds(cli: Cli, { timeout }: Options): number {
  if (timeout === undefined) return DEFAULT_WAIT_SECONDS;
  return readCount(cli, "--timeout", timeout, 1, 86_400);
}

async function sendTo(call: Call, reference: string, options: Options): Promise<Answer> {
  const { cli, say } = call;
  const { path, data } = options;
  if (!path.startsWith("/")) throw new CliError(say.errors.badPath(path));
  const body = data === undefined ? undefined : await readBytes(cli, data);
  const method = (options.method ?? (body ? "POST" : "GET")).toUpperCase();
  // The platform sends neither of these, and takes neither.
  if (!/^[!#$%&'*+.^_`|~0-9A-Z-]+$/.test(method) || /^(CONNECT|TRACE|TRACK)$/.test(method)) {
    throw new CliError(say.errors.badMethod(printable(method, 40)));
  }
  if (body && /^(GET|HEAD)$/.test(method)) throw new CliError(say.errors.noBodyWith(method));
  const headers = withDefaults(readHeaders(options.header ?? [], say), body);
  const source = await findByName(call, SOURCES, reference);
  const url = baseOf(source, call.api.origin) + path;
  const limits = { say, signal: cli.signal, timeoutMs: BODY_TIMEOUT_MS };
  const response = await fetchFrom(url, { method, headers, body }, limits);
  const id = response.headers.get("x-baton-event-id");
  // A source's own answer may be any status; without an id nothing was stored.
  if (!id) throw await refusalOf(response, new URL(url).origin, say);
  const duplicate = response.headers.get("x-baton-duplicate") === "true";
  return { status: response.status, id, duplicate, body: await readText(response, say) };
}

/** What is not said: who calls, and what the body is. */
function withDefaults(said: [string, string][], body: Uint8Array | undefined): [string, string][] {
  const isSaid = (wanted: string) => said.some(([name]) => name.toLowerCase() === wanted);
  // `fetch` takes bytes, one a character; other text goes as UTF-8.
  const headers = said.map(([name, value]): [string, string] => [
    name,
    Buffer.from(value).toString("latin1"),
  ]);
  if (!isSaid("user-agent")) headers.push(["user-agent", "baton"]);
  if (body && !isSaid("content-type")) {
    headers.push(["content-type", looksLikeJson(body) ? "application/json" : "text/plain"]);
  }
  return headers;
}

/** `*.localhost` is not resolved everywhere: in a local session the path of the app host leads to the same source. */
function baseOf({ url, slug }: Source, origin: string): string {
  const { hostname } = new URL(url);
  return hostname.endsWith(".localhost") ? `${origin}/in/${slug}` : url.replace(/\/$/, "");
}

function looksLikeJson(body: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
    return true;
  } catch {
    return false;
  }
}

function print({ print, say }: Call, answer: Answer, became: Became | undefined): void {
  const { status, id, duplicate } = answer;
  if (print.json) return print.value({ ...answer, ...became });
  print.line(`${status} ${id}${duplicate ? ` (${say.duplicate})` : ""}`);
  if (!became) return;
  if (became.deliveries.length === 0) print.line(say.eventStatus[became.eventStatus]);
  else print.list(became.deliveries, deliveryColumns(say));
}
