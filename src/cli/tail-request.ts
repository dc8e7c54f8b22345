import { resolve } from "node:path";
import { readLineTest, readOptions, TailFault, type TailOptions } from "../tail/index.ts";
import { EXIT_USAGE, STATUS_JSON_EVERY_S } from "./tail-constants.ts";
import { TailError } from "./tail-error.ts";
import { sayNotice } from "./tail-notice-texts.ts";
import { defaultCheckpoint, statusDraftOf, statusFileOf } from "./tail-paths.ts";
import type { TailTexts } from "./tail-texts.ts";

/** Options as the command line has them. */
export type TailFlags = {
  source?: string;
  match?: string;
  checkpoint?: string;
  encoding?: string;
  multiline?: string;
  from?: string;
  cooldown?: string;
  maxAge?: string;
  senderKey?: string;
  header?: string[];
  statusJson?: string;
};

export type SourceName = { kind: "url"; url: string } | { kind: "slug"; slug: string };

/** What a run of the tail is to do. */
export type TailRequest = {
  options: TailOptions;
  source: SourceName;
  hasSenderKey: boolean;
  headers: Record<string, string>;
  /** 0: none. */
  statusJsonSeconds: number | undefined;
};

/** Reads what the command line says. Throws a TailError that says which part cannot be used. */
export function readTailRequest(
  files: string[],
  flags: TailFlags,
  env: NodeJS.ProcessEnv,
  texts: TailTexts,
): TailRequest {
  const { source, match, multiline, senderKey } = flags;
  if (files.length === 0 || files.includes("")) throw usage(texts.nameFiles);
  if (!source) throw usage(texts.nameSource);
  if (match === undefined) throw usage(texts.nameMatch);
  const checkpointFile = resolve(flags.checkpoint ?? defaultCheckpoint(env));
  const maxBacklogAgeMs = readSeconds("--max-age", flags.maxAge, texts);
  const cooldownMs = readSeconds("--cooldown", flags.cooldown, texts);
  const statusJsonMs = readSeconds("--status-json", flags.statusJson, texts);
  const options: TailOptions = {
    // The same pattern from another folder is another one: the checkpoint knows them by their text.
    patterns: files.map((file) => resolve(file)),
    checkpointFile,
    ownFiles: [statusFileOf(checkpointFile), statusDraftOf(checkpointFile)],
    match: readTest("--match", match, texts),
    encoding: oneOf("--encoding", flags.encoding ?? "utf-8", ["utf-8", "euc-kr"], texts),
    start: oneOf("--from", flags.from ?? "end", ["end", "beginning"], texts),
    ...(multiline !== undefined && {
      multiline: { starts: readTest("--multiline", multiline, texts) },
    }),
    ...(cooldownMs !== undefined && { cooldownMs }),
    ...(maxBacklogAgeMs !== undefined && { maxBacklogAgeMs }),
  };
  assertOptions(options, texts);
  return {
    options,
    source: readSource(source, texts),
    hasSenderKey: senderKey !== undefined,
    headers: {
      ...readHeaders(flags.header ?? [], texts),
      ...(senderKey !== undefined && readHeaders([`x-baton-sender: ${senderKey}`], texts)),
    },
    statusJsonSeconds: statusJsonMs === undefined ? undefined : statusJsonMs / 1000,
  };
}

/** How often JSON is written, in s; 0 for never. */
export function statusJsonSeconds(request: TailRequest, isTerminal: boolean): number {
  return request.statusJsonSeconds ?? (isTerminal ? 0 : STATUS_JSON_EVERY_S);
}

export function readSource(text: string, texts: TailTexts): SourceName {
  if (/^[a-z0-9][a-z0-9-]*$/.test(text)) return { kind: "slug", slug: text };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isUsable = url && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  // It may hold a sender's key, so it is not quoted.
  if (!isUsable) throw usage(texts.badSource);
  return { kind: "url", url: url.href };
}

/** Headers as `name: value`, or all of them as one JSON object. */
export function readHeaders(given: string[], texts: TailTexts): Record<string, string> {
  const pairs = given.flatMap((text) =>
    text.trimStart().startsWith("{") ? ofJson(text) : [split(text)],
  );
  const headers = new Headers();
  for (const pair of pairs) {
    try {
      if (!pair) throw new Error("no pair");
      headers.set(...pair);
    } catch {
      throw usage(texts.badHeader);
    }
  }
  return Object.fromEntries(headers);
}

function split(text: string): [string, string] | undefined {
  const colon = text.indexOf(":");
  return colon > 0 ? [text.slice(0, colon).trim(), text.slice(colon + 1).trim()] : undefined;
}

function ofJson(text: string): ([string, string] | undefined)[] {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return entries.map(([name, value]) => (typeof value === "string" ? [name, value] : undefined));
  } catch {
    return [undefined];
  }
}

/** What the engine would refuse at its start, at once: a service must not be started over and over for it. */
function assertOptions(options: TailOptions, texts: TailTexts): void {
  try {
    readOptions(options);
  } catch (error) {
    if (!(error instanceof TailFault)) throw error;
    throw usage(sayNotice(error.notice, texts.notices));
  }
}

function readSeconds(flag: string, text: string | undefined, texts: TailTexts): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  // A timer's longest wait is 2^31 ms.
  if (!(seconds <= 2_000_000)) throw usage(texts.badSeconds(flag, text));
  return seconds * 1000;
}

function readTest(flag: string, text: string, texts: TailTexts) {
  try {
    return readLineTest(text);
  } catch (error) {
    if (!(error instanceof TailFault)) throw error;
    throw usage(texts.badTest(flag, sayNotice(error.notice, texts.notices)));
  }
}

function oneOf<const T extends string>(
  flag: string,
  text: string,
  known: readonly T[],
  texts: TailTexts,
): T {
  const found = known.find((one) => one === text.toLowerCase());
  if (found === undefined) throw usage(texts.oneOf(flag, text, known.join(", ")));
  return found;
}

function usage(message: string): TailError {
  return new TailError(message, EXIT_USAGE);
}
