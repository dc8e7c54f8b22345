import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { kst, listSens, type SensRequest, showMessage } from "./sens-list.ts";
import { checkMessage } from "./sens-message.ts";
import { badRequest, gatewayError } from "./sens-refusals.ts";
import { checkSignature } from "./sens-signature.ts";
import {
  answer,
  type Json,
  mediaTypeOf,
  Refusal,
  readBody,
  readJsonObject,
  serve,
} from "./serve.ts";

export type SensRefusal = { at: number; status: number; why: string };

/**
 * What becomes of a call to send. `ok`: strict, as SENS. `down` (503), `rate_limited` (429), `quota` (429),
 * `forbidden` (401), `not_sens` (200 with a page), `failed` (202 whose body says otherwise), `cut_before` and
 * `hang_before`: nothing is taken. `hang_after`, `cut_after` and `error_after` (504): it is taken, and the caller never
 * hears of it.
 */
export const SENS_MODES = [
  "ok",
  "down",
  "rate_limited",
  "quota",
  "forbidden",
  "not_sens",
  "failed",
  "cut_before",
  "hang_before",
  "hang_after",
  "cut_after",
  "error_after",
] as const;
export type SensMode = (typeof SENS_MODES)[number];

/** What becomes of a message on a phone. */
export type SensFate = {
  status: string;
  statusCode?: string;
  statusName?: string;
  statusMessage?: string;
};

/** The keys of the documentation's test vectors, which open nothing anywhere. */
export const SENS = {
  serviceId: "ncp:sms:kr:123456789012:relaytest",
  accessKey: "NCPAKEXAMPLE00000001",
  secretKey: "NCPSKEXAMPLE0000000000000000000000000001",
  from: "0215881234",
} as const;

const DEFAULT_BURST = 50;
const PER_SECOND = 10;

type Options = {
  port?: number;
  /** Calls that may come at once; ten a second after that. */
  burst?: number;
  /** Messages of one page of a list. */
  pageSize?: number;
  now?: () => number;
  /** Time from each status to the next; without it the test decides. */
  advanceMs?: number;
};

/** SENS's SMS API v2 with one service, which refuses whatever the real one refuses. */
export async function startSens(options: Options = {}) {
  const { port = 0, burst = DEFAULT_BURST, pageSize = 1000, now = Date.now } = options;
  const requests: SensRequest[] = [];
  const refusals: SensRefusal[] = [];
  const calls: { method: string; target: string; mode: SensMode }[] = [];
  const bucket = { tokens: burst, at: now() };
  /** Modes of the next calls to send; then `mode` holds. */
  let script: SensMode[] = [];
  let mode: SensMode = "ok";
  let listMode: "ok" | "down" | "hang" | "empty" = "ok";

  async function accept(request: IncomingMessage): Promise<{ status: number; body: Json }> {
    const body = await readBody(request);
    const target = request.url ?? "/";
    checkSignature(request, target, SENS, now());
    const [path = "", query = ""] = target.split("?");
    const base = `/sms/v2/services/${SENS.serviceId}/messages`;
    if (path !== base && !path.startsWith(`${base}/`)) throw gatewayError(404, 300, "Not Found");
    takeToken();
    if (request.method === "GET") {
      if (listMode === "down") throw gatewayError(503, 500, "Endpoint Error");
      if (listMode === "empty") return { status: 200, body: ok({ messages: [] }) };
      if (path !== base) return { status: 200, body: oneMessage(path.slice(base.length + 1)) };
      return { status: 200, body: ok(listSens(requests, query, pageSize)) };
    }
    if (request.method !== "POST" || path !== base) throw gatewayError(404, 300, "Not Found");
    return { status: 202, body: take(request, body) };
  }

  function take(request: IncomingMessage, body: Buffer): Json {
    if (mediaTypeOf(request) !== "application/json") throw badRequest("content-type is no JSON");
    const payload = readJsonObject(body);
    if (!payload) throw badRequest("the body is no JSON object");
    const messages = checkMessage(payload, SENS.from);
    const at = now();
    const requestId = `RSSA-${at}-${String(requests.length + 1).padStart(4, "0")}-${randomUUID().slice(0, 8)}`;
    requests.push({
      requestId,
      at,
      payload,
      messages: messages.map((message, i) => ({
        ...message,
        messageId: `0-ESA-${at}-${requests.length}-${i}`,
        status: "READY",
      })),
    });
    return { requestId, requestTime: kst(at), statusCode: "202", statusName: "success" };
  }

  function takeToken(): void {
    bucket.tokens = Math.min(burst, bucket.tokens + ((now() - bucket.at) / 1000) * PER_SECOND);
    bucket.at = now();
    if (bucket.tokens < 1) throw gatewayError(429, 420, "Rate Limited");
    bucket.tokens--;
  }

  function oneMessage(messageId: string): Json {
    for (const request of requests) {
      const message = request.messages.find((one) => one.messageId === messageId);
      if (message) return ok({ messages: [showMessage(request, message)] });
    }
    throw badRequest(`no message ${messageId}`);
  }

  /** Moves every message that is under way one status on. */
  function advance(fates: Record<string, SensFate> = {}): void {
    for (const message of requests.flatMap((request) => request.messages)) {
      const fate = fates[message.to];
      if (fate) Object.assign(message, fate);
      else if (message.status === "READY") message.status = "PROCESSING";
      else if (message.status === "PROCESSING") {
        const arrived = { statusCode: "0", statusName: "success", statusMessage: "성공" };
        Object.assign(message, { status: "COMPLETED", ...arrived });
      }
      if (message.status === "COMPLETED") message.completedAt ??= now();
    }
  }

  function control(path: string, body: Json): Json {
    if (path.endsWith("/mode")) {
      if (typeof body.mode === "string") mode = body.mode as SensMode;
      if (Array.isArray(body.script)) script = body.script as SensMode[];
      if (typeof body.list === "string") listMode = body.list as typeof listMode;
    }
    if (path.endsWith("/advance")) advance(body as Record<string, SensFate>);
    if (path.endsWith("/forget")) {
      for (const list of [requests, refusals, calls]) list.length = 0;
      script = [];
      mode = "ok";
      listMode = "ok";
    }
    return { requests, refusals, calls };
  }

  const { origin, close } = await serve((request, response) => {
    const target = request.url ?? "/";
    if (target.startsWith("/__emulator")) {
      void readBody(request).then((body) => {
        answer(response, 200, control(target, readJsonObject(body) ?? {}));
      });
      return;
    }
    const isPost = request.method === "POST";
    const what = isPost ? (script.shift() ?? mode) : "ok";
    calls.push({ method: request.method ?? "", target, mode: what });
    if (isPost ? what === "hang_before" : listMode === "hang") return;
    if (what === "cut_before") {
      request.once("data", () => response.destroy());
      return;
    }
    const refusal = refusalIn(what);
    (refusal ? readBody(request).then(() => Promise.reject(refusal)) : accept(request)).then(
      ({ status, body }) => {
        if (what === "hang_after") return;
        if (what === "cut_after") response.destroy();
        else if (what === "error_after")
          answer(response, 504, gatewayBody(540, "Endpoint Timeout"));
        else answer(response, status, body);
      },
      (error: unknown) => {
        const known = error instanceof Refusal ? error : new Refusal(500, "", String(error));
        refusals.push({ at: Date.now(), status: known.status, why: known.message });
        answer(response, known.status, known.body);
      },
    );
  }, port);
  const timer = options.advanceMs && setInterval(() => advance(), options.advanceMs);
  return {
    /** What stands for https://sens.apigw.ntruss.com. */
    baseUrl: origin,
    ...SENS,
    requests,
    refusals,
    calls,
    advance,
    setMode(next: SensMode, nextCalls: SensMode[] = []) {
      mode = next;
      script = nextCalls;
    },
    setListMode(next: typeof listMode) {
      listMode = next;
    },
    async close() {
      if (timer) clearInterval(timer);
      await close();
    },
  };
}

function refusalIn(mode: SensMode): Refusal | null {
  if (mode === "down") return gatewayError(503, 500, "Endpoint Error");
  if (mode === "rate_limited") return gatewayError(429, 420, "Rate Limited");
  if (mode === "quota") return gatewayError(429, 400, "Quota Exceeded");
  if (mode === "forbidden") return gatewayError(401, 210, "Permission Denied");
  if (mode === "not_sens") return new Refusal(200, "<html>Log in</html>", "mode");
  if (mode === "failed") {
    return new Refusal(202, { statusCode: "400", statusName: "fail" }, "mode");
  }
  return null;
}

function gatewayBody(code: number, message: string): Json {
  return gatewayError(0, code, message).body as Json;
}

function ok(body: Json): Json {
  return { statusCode: "202", statusName: "success", ...body };
}
