import { isObject } from "../json-object.ts";
import { MESSAGING_TIMEOUT_MS } from "./constants.ts";
import { startDeadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult, Outcome } from "./driver.ts";
import type { Target } from "./egress.ts";
import { exchange } from "./exchange.ts";
import { mayNotBeCalled } from "./lookup.ts";
import { failure } from "./message-outcome.ts";
import { type Readable, readReadable } from "./readable-body.ts";
import { scrub } from "./scrub.ts";

const HEADERS: [string, string][] = [
  ["content-type", "application/json; charset=utf-8"],
  ["user-agent", "Baton/1"],
];

/** A service's answer, its body as text. */
export type Answer = {
  status: number;
  /** The raw `Retry-After`. */
  retryAfter: string | null;
  headers: [string, string][];
  body: string;
};

/** How one messaging service is called, and what its answers mean. */
export type MessageCall = {
  /** What is asked before the call whether it may be made. */
  target: Target;
  url: string;
  /** The URL without its secret, for the record. */
  shownUrl: string;
  /** The secret that is in the URL; an answer that repeats it is recorded without it. */
  secret: string;
  /** Whether a phone's codes are shown; otherwise they are masked. */
  showCodes: boolean | undefined;
  payload: (body: Readable) => object;
  /** What a transform's text becomes: the message as it stands, without anything of ours. */
  text: (text: string) => object;
  /** What a transform's JSON object lacks of a whole payload. */
  complete: (payload: Record<string, unknown>) => object;
  outcome: (answer: Answer) => Outcome;
};

/**
 * Posts the event, or what its transform has made of it, as one JSON message. A transform's payload is sent as it is:
 * what is wrong with it, the service's answer says. An outside failure is data.
 */
export async function postMessage(call: MessageCall, input: AttemptInput): Promise<AttemptResult> {
  const request = { method: "POST", url: call.shownUrl, headers: HEADERS };
  if (await mayNotBeCalled(call.target, input.settings)) {
    return { outcome: failure("blocked_url", false), request };
  }
  const deadline = startDeadline(MESSAGING_TIMEOUT_MS);
  try {
    const payload = await deadline.race(payloadOf(call, input));
    if (typeof payload === "string") return { outcome: failure(payload, false), request };
    const requestBody = jsonBytes(payload);
    const answer = await exchange(
      new Request(call.url, {
        method: "POST",
        headers: HEADERS,
        body: requestBody,
        redirect: "manual",
      }),
      deadline,
    );
    if (answer.failure !== undefined) {
      return { outcome: failure(answer.failure, true), request, requestBody };
    }
    const { status, retryAfter, response } = answer;
    const text = new TextDecoder().decode(answer.responseBody);
    const outcome = answer.timedOut
      ? failure("timeout", true)
      : call.outcome({ status, retryAfter, headers: response.headers, body: text });
    return { outcome, request, requestBody, ...scrub(call.secret, response, answer.responseBody) };
  } catch (error) {
    if (deadline.hasStruck()) return { outcome: failure("timeout", true), request };
    throw error;
  } finally {
    deadline.clear();
  }
}

/** The payload, or why there is none. */
async function payloadOf(
  call: MessageCall,
  { event, output }: AttemptInput,
): Promise<object | "body_missing" | "invalid_payload"> {
  if (output?.kind === "text") return call.text(output.text);
  if (output) return isObject(output.json) ? call.complete(output.json) : "invalid_payload";
  const body = await readReadable(event, call.showCodes);
  return body === null ? "body_missing" : call.payload(body);
}

function jsonBytes(payload: object): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(payload)));
}
