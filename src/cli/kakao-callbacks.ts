import { randomBytes, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CALLBACK_VALID_MS, MAX_CALLBACK_BYTES } from "./kakao-constants.ts";
import { answerFault, type Json } from "./kakao-limits.ts";

/** What became of a callback URL. */
export type CallbackEnd =
  | { kind: "answer"; answer: Json }
  | { kind: "refused"; why: string }
  | { kind: "expired" };

export type Callback = { url: string; end: Promise<CallbackEnd> };

/** A call that was refused. `status` is what it was answered with. */
export type CallbackRefusal = { at: number; status: number; why: string };

type Open = { state: "open" | "used" | "expired"; settle: (end: CallbackEnd) => void };

export type CallbackOptions = {
  port?: number;
  host?: string;
  validMs?: number;
  /** Has each call first; true: it has answered, or will not. */
  trouble?: (request: IncomingMessage, response: ServerResponse) => boolean;
};

/**
 * Kakao's callback server on this machine. A URL takes one call within its time: a POST of JSON that Kakao would show.
 * Every other call is refused, and uses the URL up if it came in time.
 * https://kakaobusiness.gitbook.io/main/tool/chatbot/skill_guide/ai_chatbot_callback_guide
 */
export async function openKakaoCallbacks(options: CallbackOptions = {}) {
  const { port = 0, host = "127.0.0.1", validMs = CALLBACK_VALID_MS, trouble } = options;
  const callbacks = new Map<string, Open>();
  const timers = new Set<NodeJS.Timeout>();
  const refusals: CallbackRefusal[] = [];

  function refuse(response: ServerResponse, status: number, why: string): void {
    refusals.push({ at: Date.now(), status, why });
    answer(response, status, "FAIL", why);
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const callback = callbacks.get(request.url ?? "");
    const body = await readBody(request);
    if (trouble?.(request, response)) return;
    if (!callback) return refuse(response, 400, `Invalid callback token: ${request.url}`);
    if (callback.state !== "open") return refuse(response, 400, `callback is ${callback.state}`);
    callback.state = "used";
    const read = readCallback(request, body);
    if ("why" in read) {
      refuse(response, read.status, read.why);
      return callback.settle({ kind: "refused", why: read.why });
    }
    answer(response, 200, "SUCCESS", "");
    callback.settle({ kind: "answer", answer: read.answer });
  }

  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const listening = (server.address() as AddressInfo).port;
  const origin = `http://${host.includes(":") ? `[${host}]` : host}:${listening}`;
  return {
    origin,
    refusals,
    /** Makes a URL. Its time begins now. */
    issue(): Callback {
      const path = `/v1/bots/simulator/callback/${randomBytes(16).toString("hex")}`;
      const end = new Promise<CallbackEnd>((settle) => {
        const callback: Open = { state: "open", settle };
        callbacks.set(path, callback);
        const timer = setTimeout(() => {
          timers.delete(timer);
          if (callback.state !== "open") return;
          callback.state = "expired";
          settle({ kind: "expired" });
        }, validMs);
        timers.add(timer);
      });
      return { url: origin + path, end };
    },
    async close(): Promise<void> {
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type KakaoCallbacks = Awaited<ReturnType<typeof openKakaoCallbacks>>;

function readCallback(
  { method, headers }: IncomingMessage,
  body: Buffer | undefined,
): { answer: Json } | { status: number; why: string } {
  if (method !== "POST") return { status: 405, why: `method ${method}` };
  const type = headers["content-type"] ?? "";
  if (!/^application\/json *(;|$)/i.test(type)) return { status: 415, why: `content-type ${type}` };
  if (!body) return { status: 413, why: `over ${MAX_CALLBACK_BYTES} bytes` };
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    return { status: 400, why: "not JSON in UTF-8" };
  }
  const why = answerFault(answer);
  return why === undefined ? { answer: answer as Json } : { status: 400, why };
}

/** The body, or undefined when it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_CALLBACK_BYTES) chunks.push(chunk);
  }
  return size <= MAX_CALLBACK_BYTES ? Buffer.concat(chunks) : undefined;
}

function answer(response: ServerResponse, status: number, result: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  const taskId = result === "SUCCESS" ? randomUUID() : null;
  response.end(JSON.stringify({ taskId, status: result, message, timestamp: Date.now() }));
}
