import { isObject } from "../json-object.ts";
import { dialled } from "../phone-number.ts";
import {
  MAX_SENS_PAGES,
  MAX_SENS_WINDOW_MS,
  SENS_CLOCK_SLACK_MS,
  SENS_WINDOW_GAP_MS,
} from "./constants.ts";
import type { Deadline } from "./deadline.ts";
import type { Earlier } from "./driver.ts";
import { textOf } from "./read-json.ts";
import { callSens, messagesPath, type SensAnswer } from "./sens-call.ts";
import type { SensConfig } from "./sens-config.ts";
import { readSeoulTime, seoulTime } from "./seoul-time.ts";

/** A message as SENS lists it; what it does not say is empty. */
export type Listed = {
  requestId: string;
  to: string;
  from: string;
  content: string;
  status: string;
  statusCode: string;
  statusName: string;
  statusMessage: string;
  /** Milliseconds UTC, or null. */
  completedAt: number | null;
};

/** A whole list, or the answer that kept us from it. An answer with messages has lost its body: it is put on record. */
export type List = { messages: Listed[]; answer: SensAnswer; isWhole: boolean };

/** The query that lists one request. */
export function byRequest(requestId: string): string {
  return `requestId=${encodeURIComponent(requestId)}`;
}

/** The query that lists what was asked for between two times (ms UTC), clocks that differ a little allowed for. */
export function byTime(from: number, to: number): string {
  const end = to + SENS_CLOCK_SLACK_MS;
  const start = Math.max(from - SENS_CLOCK_SLACK_MS, end - MAX_SENS_WINDOW_MS);
  const [first, last] = [start, end].map((ms) => encodeURIComponent(seoulTime(ms)));
  return `requestStartTime=${first}&requestEndTime=${last}`;
}

/** The times in which doubtful calls were under way, close ones as one. */
export function windowsOf(doubts: Earlier["doubts"]): { from: number; to: number }[] {
  const windows: { from: number; to: number }[] = [];
  for (const { from, to } of doubts.toSorted((a, b) => a.from - b.from)) {
    const last = windows.at(-1);
    if (last && from - last.to < SENS_WINDOW_GAP_MS) last.to = Math.max(last.to, to);
    else windows.push({ from, to });
  }
  return windows;
}

/** Reads a list to its end. How SENS divides a long one is not documented for SMS; its other services give `nextToken`. */
export async function listSens(
  config: SensConfig,
  query: string,
  deadline: Deadline,
): Promise<List> {
  const messages: Listed[] = [];
  let token = "";
  for (let page = 1; ; page++) {
    const path = messagesPath(config, `?${query}${token}`);
    const called = await callSens(config, { method: "GET", path }, deadline);
    const { json, isCut, failure } = called;
    const answer = failure === null ? withoutBody(called) : called;
    const isRead = failure === null && !isCut && Array.isArray(json.messages);
    if (!isRead) return { messages, answer, isWhole: false };
    messages.push(...(json.messages as unknown[]).flatMap(readListed));
    if (typeof json.nextToken !== "string" || json.nextToken === "") {
      // It says that there is more, and not how to get it.
      return { messages, answer, isWhole: json.hasMore !== true };
    }
    if (page === MAX_SENS_PAGES) return { messages, answer, isWhole: false };
    token = `&nextToken=${encodeURIComponent(json.nextToken)}`;
  }
}

/** What is listed is everybody's: numbers and texts, codes too, of whatever the account has sent at that time. */
function withoutBody({ responseBody: _, ...answer }: SensAnswer): SensAnswer {
  const { response } = answer;
  return { ...answer, json: {}, ...(response && { response: { ...response, truncated: true } }) };
}

function readListed(value: unknown): Listed[] {
  if (!isObject(value) || typeof value.requestId !== "string" || typeof value.to !== "string") {
    return [];
  }
  const text = (name: string) => textOf(value[name]);
  return [
    {
      requestId: value.requestId,
      to: dialled(value.to),
      from: dialled(text("from")),
      content: text("content"),
      status: text("status").toUpperCase(),
      statusCode: text("statusCode"),
      statusName: text("statusName"),
      statusMessage: text("statusMessage"),
      completedAt: readSeoulTime(value.completeTime),
    },
  ];
}
