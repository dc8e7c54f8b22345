import { hostname } from "node:os";
import { isId } from "../ids.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import {
  DEFAULT_CALL_SECONDS,
  DEFAULT_LISTEN_CONCURRENCY,
  MAX_CALL_SECONDS,
  MAX_LISTEN_CONCURRENCY,
} from "./listen-constants.ts";
import { readTime } from "./read-time.ts";
import { readCount, readJsonOption } from "./read-value.ts";

/** Options as the command line has them. */
export type ListenFlags = {
  forward: string;
  name?: string;
  since?: string;
  match?: string;
  method?: string;
  path?: string;
  text?: string;
  concurrency?: string;
  callTimeout?: string;
  once?: boolean;
  timeout?: string;
};

export type Since =
  | { kind: "now" | "all" }
  | { kind: "time"; ms: number }
  | { kind: "event"; id: string };

/** What a run of the listener is to do. */
export type ListenRequest = {
  sources: string[];
  forward: URL;
  name: string;
  /** Undefined: where it stopped, or now. */
  since: Since | undefined;
  match: Record<string, unknown> | undefined;
  concurrency: number;
  callTimeoutMs: number;
  once: boolean;
  /** How long `--once` waits; undefined: for ever. */
  timeoutSeconds: number | undefined;
};

export async function readListenRequest(
  cli: Cli,
  sources: string[],
  flags: ListenFlags,
): Promise<ListenRequest> {
  const { say } = cli;
  if (flags.timeout !== undefined && !flags.once) throw new CliError(say.listen.timeoutWithoutOnce);
  const count = (option: string, text: string | undefined, usual: number, max: number) =>
    text === undefined ? usual : readCount(cli, option, text, 1, max);
  const seconds = count(
    "--call-timeout",
    flags.callTimeout,
    DEFAULT_CALL_SECONDS,
    MAX_CALL_SECONDS,
  );
  const once = flags.once === true;
  const concurrency = count(
    "--concurrency",
    flags.concurrency,
    DEFAULT_LISTEN_CONCURRENCY,
    MAX_LISTEN_CONCURRENCY,
  );
  return {
    sources,
    forward: readForward(cli, flags.forward),
    name: flags.name ?? defaultListenName(),
    since: flags.since === undefined ? undefined : readSince(cli, flags.since),
    match: await readMatch(cli, flags),
    // The first event is the only one.
    concurrency: once ? 1 : concurrency,
    callTimeoutMs: seconds * 1000,
    once,
    timeoutSeconds:
      flags.timeout === undefined
        ? undefined
        : readCount(cli, "--timeout", flags.timeout, 1, 86_400),
  };
}

export function defaultListenName(): string {
  return `listen@${hostname()}`.slice(0, 100);
}

function readForward({ say }: Cli, text: string): URL {
  const whole = /^\d{1,5}$/.test(text) ? `http://localhost:${text}` : text;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  const isUsable =
    url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.hash;
  if (!isUsable) throw new CliError(say.listen.badForward(text));
  return url;
}

function readSince({ say }: Cli, text: string): Since {
  if (text === "now" || text === "all") return { kind: text };
  if (isId("event", text)) return { kind: "event", id: text };
  try {
    return { kind: "time", ms: Date.parse(readTime(text, "--since", Date.now(), say)) };
  } catch {
    throw new CliError(say.listen.badSince(text));
  }
}

/** `--match`, with what the other filters say over it. */
async function readMatch(
  cli: Cli,
  { match, method, path, text }: ListenFlags,
): Promise<ListenRequest["match"]> {
  const json = match === undefined ? {} : await readJsonOption(cli, "--match", match);
  if (json === null || typeof json !== "object" || Array.isArray(json)) {
    throw new CliError(cli.say.errors.notAnObject("--match"));
  }
  const whole: Record<string, unknown> = {
    ...json,
    ...(method !== undefined && { method: [method] }),
    ...(path !== undefined && { path }),
    ...(text !== undefined && { text: { contains: text } }),
  };
  return Object.keys(whole).length === 0 ? undefined : whole;
}
