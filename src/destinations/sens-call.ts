import type { StoredRequest, StoredResponse } from "../db/schema/events.ts";
import { isObject } from "../json-object.ts";
import { MAX_SENS_LIST_BYTES, MAX_STORED_RESPONSE_BYTES } from "./constants.ts";
import type { Deadline } from "./deadline.ts";
import type { Outcome } from "./driver.ts";
import { exchange } from "./exchange.ts";
import { MASK } from "./mask.ts";
import { failure, rateLimited, refusalOf } from "./message-outcome.ts";
import { readObject, textOf } from "./read-json.ts";
import { retryAfterMs } from "./retry-after.ts";
import { scrub } from "./scrub.ts";
import type { SensConfig } from "./sens-config.ts";
import { signSens } from "./sens-sign.ts";

type Failure = Extract<Outcome, { ok: false }>;

/** One call as it is put on record, and its answer. */
export type SensAnswer = {
  request: StoredRequest;
  requestBody?: Uint8Array<ArrayBuffer>;
  response?: StoredResponse;
  responseBody?: Uint8Array<ArrayBuffer>;
  /** Null when there was no whole answer. */
  status: number | null;
  /** The answer's JSON object; empty for anything else. */
  json: Record<string, unknown>;
  /** Why there is no success; null for a status of 2xx. */
  failure: Failure | null;
  /** Nobody knows whether it was taken: no whole answer, or somebody on the way gave up waiting for it. */
  isDoubtful: boolean;
  /** The answer was longer than what is read of it. */
  isCut: boolean;
};

/** Wait after a 429: none is documented, so a second is doubled a few times; a used-up quota takes longer. */
const DEFAULT_PAUSE_MS = 5_000;
const QUOTA_PAUSE_MS = 60_000;

/** Of gateways and Cloudflare's own: the time for the answer was up, and the request may have arrived. */
const DOUBTFUL_STATUSES: readonly number[] = [504, 520, 522, 524];

export function isDoubtfulStatus(status: number | null): boolean {
  return status !== null && DOUBTFUL_STATUSES.includes(status);
}

/** Path of a service's messages. The id's colons stay as they are: `%3A` would be another signature. */
export function messagesPath({ serviceId }: Pick<SensConfig, "serviceId">, query = ""): string {
  return `/sms/v2/services/${serviceId}/messages${query}`;
}

/** One signed call. An outside failure is data. What is recorded has no key in it. */
export async function callSens(
  config: SensConfig,
  call: { method: "GET" | "POST"; path: string; payload?: object },
  deadline: Deadline,
): Promise<SensAnswer> {
  const { method, path, payload } = call;
  const { accessKey, secretKey, baseUrl } = config;
  const timestamp = String(Date.now());
  const signature = await signSens(secretKey, { method, path, timestamp, accessKey });
  const url = `${baseUrl}${path}`;
  const headers = (key: string, signed: string): [string, string][] => [
    ...(payload ? [["content-type", "application/json; charset=utf-8"] as [string, string]] : []),
    ["x-ncp-apigw-timestamp", timestamp],
    ["x-ncp-iam-access-key", key],
    ["x-ncp-apigw-signature-v2", signed],
    ["user-agent", "Baton/1"],
  ];
  const body = payload && new Uint8Array(new TextEncoder().encode(JSON.stringify(payload)));
  const recorded = {
    request: { method, url, headers: headers(MASK, MASK) },
    ...(body && { requestBody: body }),
  };
  const answer = await exchange(
    new Request(url, {
      method,
      headers: headers(accessKey, signature),
      ...(body && { body }),
      redirect: "manual",
    }),
    deadline,
    MAX_SENS_LIST_BYTES,
  );
  const none = { status: null, json: {}, isDoubtful: true, isCut: false };
  if (answer.failure !== undefined) {
    return { ...recorded, ...none, failure: failure(answer.failure, true) };
  }
  const { status, retryAfter, response, responseBody } = answer;
  const kept = scrubKeys(config, response, responseBody.slice(0, MAX_STORED_RESPONSE_BYTES));
  if (answer.timedOut) return { ...recorded, ...kept, ...none, failure: failure("timeout", true) };
  const json = readObject(new TextDecoder().decode(responseBody));
  return {
    ...recorded,
    ...kept,
    status,
    json,
    failure: failureOf(status, retryAfter, json),
    isDoubtful: isDoubtfulStatus(status),
    isCut: response.truncated,
  };
}

function failureOf(
  status: number,
  retryAfter: string | null,
  json: Record<string, unknown>,
): Failure | null {
  if (status >= 200 && status < 300) return null;
  if (status !== 429) return refusalOf(status);
  const { errorCode } = isObject(json.error) ? json.error : {};
  const isQuota = textOf(errorCode) === "400";
  const pauseMs = isQuota ? QUOTA_PAUSE_MS : DEFAULT_PAUSE_MS;
  return rateLimited(retryAfterMs(retryAfter, Date.now()) ?? pauseMs);
}

/** A gateway's error may repeat the keys that it was given. */
function scrubKeys(
  { accessKey, secretKey }: SensConfig,
  response: StoredResponse,
  body: Uint8Array<ArrayBuffer>,
) {
  const once = scrub(accessKey, response, body);
  return scrub(secretKey, once.response, once.responseBody);
}
