import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { printable } from "../local/printable.ts";
import { addCommonOptions, commonOptions } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { API_TIMEOUT_MS } from "./constants.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { fetchFrom, readText } from "./fetch-from.ts";
import { channelUrl } from "./kakao-channel.ts";
import { MAX_LINE_CHARS, RECONNECT_MS, STREAM_MS } from "./kakao-constants.ts";
import type { Json } from "./kakao-limits.ts";
import { readStream, type StreamEvent } from "./kakao-stream.ts";
import { createPrinter, jsonOf, type Printer } from "./printer.ts";

type Flags = { source?: string; token?: string; reply: string; once?: boolean };
type Session = { sessionToken: string; pairingCode: string; expiresIn: number };

/** An agent at work. */
type Agent = {
  cli: Cli;
  print: Printer;
  /** Where its routes are. */
  channel: string;
  token: string;
  reply: string;
  /** Whether a user has paired: then only a further code can run out. */
  pairing: { isDone: boolean };
};

const DEFAULT_REPLY = "echo: {text}";

/** `kakao agent`: what an OpenClaw plugin does with the relay, in small. */
export function registerKakaoAgent(group: Command, cli: Cli): void {
  const { kakao: say } = cli.say;
  const command = group
    .command("agent")
    .description(say.agent)
    .option("--source <source>", say.source)
    .option("--token <token>", say.token)
    .option("--reply <text>", say.reply, DEFAULT_REPLY)
    .option("--once", say.agentOnce);
  addCommonOptions(command, cli.say);
  command.action(async () => {
    const { source, token, reply, once } = command.opts<Flags>();
    const common = commonOptions(command);
    const print = createPrinter(cli, common.json === true, common.color !== false);
    const channel = channelUrl(cli, command, source);
    const known = token ?? (await createSession(cli, print, channel));
    const agent = { cli, print, channel, token: known, reply, pairing: { isDone: false } };
    cli.stderr.write(`${say.waiting}\n`);
    while (!(await readOnce(agent, once === true))) await sleep(RECONNECT_MS);
  });
}

async function createSession(cli: Cli, print: Printer, channel: string): Promise<string> {
  const { kakao: say } = cli.say;
  const session = (await post(cli, `${channel}/v1/sessions/create`, {})) as Session;
  const { sessionToken, pairingCode, expiresIn } = session;
  if (print.json) print.line(jsonOf({ event: "session", ...session }));
  else {
    print.line(say.code(pairingCode, expiresIn / 60));
    cli.stderr.write(`${say.goOn(sessionToken)}\n`);
  }
  return sessionToken;
}

/** Reads one stream to its end. True: there is nothing more to do. */
async function readOnce(agent: Agent, once: boolean): Promise<boolean> {
  const { cli, channel, token } = agent;
  const { kakao: say } = cli.say;
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  try {
    const signal = AbortSignal.any([cli.signal, AbortSignal.timeout(STREAM_MS)]);
    const response = await fetch(`${channel}/v1/events`, { headers, signal, redirect: "manual" });
    if (response.status === 401) throw new CliError(say.badToken, EXIT.refused);
    if (response.status !== 200 || !response.body) throw new Error(String(response.status));
    for await (const event of readStream(response.body)) {
      if ((await take(agent, event)) && once) return true;
    }
  } catch (error) {
    if (cli.signal.aborted) throw new CliError("", EXIT.interrupted);
    if (error instanceof CliError) throw error;
    const { message, cause } = error as Error & { cause?: { code?: string } };
    cli.stderr.write(`${say.comesBack(printable(cause?.code ?? message))}\n`);
  }
  return false;
}

/** True for a message. */
async function take(agent: Agent, { name, data }: StreamEvent) {
  const { cli, print, pairing } = agent;
  const { kakao: say } = cli.say;
  if (name === "message") {
    await answer(agent, data);
    return true;
  }
  if (name === "pairing_complete" || data.status === "paired") pairing.isDone = true;
  if (print.json) print.line(jsonOf({ event: name, ...data }));
  const user = printable(String(data.kakaoUserId));
  if (name === "pairing_expired" && !pairing.isDone)
    throw new CliError(say.codeExpired, EXIT.refused);
  if (print.json) return false;
  if (name === "pairing_complete") print.line(say.paired(user));
  if (name === "unpaired") print.line(say.unpairedNow(user));
  return false;
}

async function answer({ cli, print, channel, token, reply }: Agent, message: Json): Promise<void> {
  const { text } = message.normalized as { text: string };
  const answered = reply.replaceAll("{text}", () => text);
  const response = {
    version: "2.0",
    template: { outputs: [{ simpleText: { text: answered } }] },
  };
  const fault = await post(
    cli,
    `${channel}/openclaw/reply`,
    { messageId: message.id, response },
    token,
  ).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof CliError && error.status !== undefined) return error.message;
      throw error;
    },
  );
  if (print.json) {
    const { id: messageId, conversationKey } = message;
    const what = { messageId, conversationKey, text, reply: answered };
    return print.line(jsonOf({ event: "message", ...what, ok: fault === undefined, fault }));
  }
  print.line(`← ${printable(text, MAX_LINE_CHARS)}`);
  if (fault === undefined) print.line(`→ ${printable(answered, MAX_LINE_CHARS)}`);
  else cli.stderr.write(`baton: ${cli.say.kakao.notTaken(fault)}\n`);
}

/** A call of the relay; an answer that is no 200 is a `CliError` with its status and its own words. */
async function post(cli: Cli, url: string, body: object, token?: string): Promise<Json> {
  const { say, signal } = cli;
  const init = {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  };
  const response = await fetchFrom(url, init, { say, signal, timeoutMs: API_TIMEOUT_MS });
  const { origin } = new URL(url);
  let answered: Json;
  try {
    answered = JSON.parse(await readText(response, say)) as Json;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(say.errors.notBaton(origin), EXIT.unavailable);
  }
  const { status } = response;
  if (status === 200) return answered;
  const { error, code } = answered;
  const words = [code, error]
    .filter((word) => typeof word === "string")
    .map((word) => printable(word));
  const text = words.length > 0 ? words.join(": ") : say.errors.oddAnswer(origin, status);
  throw new CliError(text, exitCodeOf(status), status);
}
