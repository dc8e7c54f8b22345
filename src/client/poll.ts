import { backoffMs } from "./backoff.ts";
import { ClientError } from "./client-error.ts";
import { MIN_POLL_MS } from "./constants.ts";
import type { Cut } from "./cut.ts";
import { readFrame } from "./frame.ts";
import { parseJson } from "./ndjson-parser.ts";
import { pause } from "./pause.ts";
import { authorization, request } from "./request.ts";
import type { Line, Transport } from "./transport.ts";

type Page = { data: unknown[]; next: string };

/** Long polls, one after the other. One from now on asks first where that is: what comes before its next poll is not lost. */
export const runPoll: Transport = async (line) => {
  for (;;) {
    const startedAt = performance.now();
    const url = line.url("poll");
    const isFirst = !url.searchParams.has("since");
    if (isFirst) url.searchParams.set("wait", "0");
    const page = await ask(line, url);
    if ("kind" in page) return page;
    const cut = await takeAll(line, page);
    if (cut) return cut;
    const isHasty =
      !isFirst && page.data.length === 0 && performance.now() - startedAt < MIN_POLL_MS;
    const random = Math.random();
    if (isHasty)
      await pause(backoffMs(line.timing, { failures: 0, floorMs: 0, random }), line.signal);
  }
};

function ask(line: Line, url: URL): Promise<Page | Cut> {
  const { signal, timing, token } = line;
  const headers = { accept: "application/json", ...authorization(token) };
  const init = { signal, limitMs: timing.pollMs, headers };
  return request(url, init, async (response) => {
    line.opened();
    return readPage(parseJson(await response.text()));
  });
}

function readPage(value: unknown): Page {
  const { data, next } = (value ?? {}) as Partial<Page>;
  if (!Array.isArray(data) || typeof next !== "string") {
    throw new ClientError("The answer is no page of frames.");
  }
  return { data, next };
}

async function takeAll(line: Line, { data, next }: Page): Promise<Cut | null> {
  for (const value of data) {
    const cut = await line.take(readFrame(value));
    if (cut) return cut;
  }
  if (data.length === 0) line.ready(next);
  return null;
}
