import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { ListenerRequest } from "../deliveries/listen-schemas.ts";
import { MAX_KEPT_ANSWER_BYTES, MAX_KEPT_HEADERS, MAX_STATUS } from "./listen-constants.ts";

type Answer = {
  status: number;
  headers: [string, string][];
  bodyBase64: string;
  truncated: boolean;
};
type NoAnswer = {
  reason: "connection_refused" | "connection_failed" | "timeout" | "unsendable_request";
  detail: string;
};
/** What a call of the local server came to. An outside failure is data. */
export type LocalAnswer = { response: Answer } | { error: NoAnswer };

type Outgoing = Pick<ListenerRequest, "method" | "path" | "query" | "headers">;

/** The local URL of a request: the captured path joined by one slash, the captured query after the URL's own. */
export function localUrl(base: URL, { path, query }: Pick<Outgoing, "path" | "query">): string {
  const joined = `${base.pathname.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
  const both = [base.search.slice(1), query].filter((part) => part !== "").join("&");
  return `${base.origin}${joined}${both === "" ? "" : `?${both}`}`;
}

/** Calls the local server; `timeoutMs` covers the whole of it. Redirects are answers like all others. */
export async function callLocal(
  base: URL,
  outgoing: Outgoing,
  body: Uint8Array,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<LocalAnswer> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return { response: await exchange(base, outgoing, body, AbortSignal.any([deadline, signal])) };
  } catch (error) {
    const detail = detailOf(error as NodeJS.ErrnoException, base);
    if (deadline.aborted) {
      return { error: { reason: "timeout", detail: `no whole answer within ${timeoutMs} ms` } };
    }
    return { error: { reason: reasonOf(error as NodeJS.ErrnoException), detail } };
  }
}

function reasonOf({ code = "" }: NodeJS.ErrnoException): NoAnswer["reason"] {
  if (code === "ECONNREFUSED") return "connection_refused";
  return code.startsWith("ERR_") ? "unsendable_request" : "connection_failed";
}

function detailOf({ code, message }: NodeJS.ErrnoException, { host }: URL): string {
  return `${code ?? message} ${host}`.slice(0, 300);
}

async function exchange(
  base: URL,
  outgoing: Outgoing,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<Answer> {
  const answer = await send(base, outgoing, body, signal);
  const { statusCode = 0 } = answer;
  if (statusCode > MAX_STATUS) {
    answer.destroy();
    throw fault(`UNKNOWN_STATUS_${statusCode}`);
  }
  const { bytes, truncated } = await readStart(answer);
  if (signal.aborted) throw signal.reason;
  const headers = pairs(answer.rawHeaders);
  return {
    status: statusCode,
    headers: headers.slice(0, MAX_KEPT_HEADERS),
    bodyBase64: bytes.toString("base64"),
    truncated: truncated || headers.length > MAX_KEPT_HEADERS,
  };
}

function send(
  base: URL,
  { method, path, query, headers }: Outgoing,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const isTls = base.protocol === "https:";
  const options: RequestOptions = {
    method,
    hostname: base.hostname.replace(/^\[|\]$/g, ""),
    port: base.port || (isTls ? 443 : 80),
    path: localUrl(base, { path, query }).slice(base.origin.length),
    headers: {
      ...grouped(headers),
      // Of a GET, DELETE or OPTIONS Node would say nothing of its body, and the server take it for another request.
      ...(body.length > 0 && { "content-length": String(body.length) }),
    },
    // A connection for each call: one that the server has just closed must not look like a failure.
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    if (method === "CONNECT") {
      reject(fault("ERR_CONNECT"));
      return;
    }
    const call = isTls
      ? // A certificate of one's own is what one has on one's own machine.
        requestHttps({ ...options, rejectUnauthorized: !isLoopback(base) })
      : requestHttp(options);
    call.once("response", resolve);
    call.on("error", reject);
    // Otherwise Node drops the connection, and says neither of an answer nor of an error.
    call.once("upgrade", (_answer, socket) => {
      socket.destroy();
      reject(fault("UNASKED_UPGRADE"));
    });
    call.once("close", () => reject(fault("CONNECTION_CLOSED")));
    call.end(body.length > 0 ? body : undefined);
  });
}

function fault(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function grouped(headers: [string, string][]): Record<string, string[]> {
  const values = Map.groupBy(headers, ([name]) => name);
  return Object.fromEntries(
    [...values].map(([name, all]) => [name, all.map(([, value]) => toBytes(value))]),
  );
}

/** A value as Node takes it, a character for each byte: what is no ASCII came as UTF-8, and goes as such. */
function toBytes(value: string): string {
  return Buffer.from(value, "utf8").toString("latin1");
}

/** As much of a body as is kept; one that breaks off is kept as far as it came. */
async function readStart(answer: IncomingMessage): Promise<{ bytes: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_KEPT_ANSWER_BYTES) break;
    }
  } catch {
    return { bytes: Buffer.concat(chunks).subarray(0, MAX_KEPT_ANSWER_BYTES), truncated: true };
  } finally {
    answer.destroy();
  }
  const bytes = Buffer.concat(chunks);
  return {
    bytes: bytes.subarray(0, MAX_KEPT_ANSWER_BYTES),
    truncated: size > MAX_KEPT_ANSWER_BYTES,
  };
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, i): [string, string][] =>
    i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1] ?? ""]] : [],
  );
}
