import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import type { Received } from "./received.ts";

const KEPT_BODY_BYTES = 64 * 1024;
const BOMB = gzipSync(Buffer.alloc(50 * 1024 * 1024));

function* endlessly() {
  const chunk = Buffer.alloc(16 * 1024, "x");
  for (;;) yield chunk;
}

/**
 * A receiver for tests. The first path segment scripts its answer:
 * `/status/<code>/…`, `/slowly/<ms>/<code>/…`, `/hang/…` (never answers), `/slow/<ms>/…`, `/drip/…` (headers, then a byte a second),
 * `/reset/…` (drops the connection), `/big/<bytes>/…`, `/endless/…` (chunks for ever, as fast as they are taken),
 * `/gzip-bomb/…` (50 MiB in 50 KB), `/header-flood/<headers>/<characters of each>/…`, `/retry-after/<value>/…` (429), anything else 200 `ok`.
 * `GET /__received?key=<text>` lists the requests whose URL holds the text; `DELETE` forgets all.
 * `decide` may name another path whose answer a request gets.
 */
export async function startReceiver(
  port = 0,
  decide: (request: Received) => string | undefined = () => undefined,
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void handle(request, response, received, decide).catch(() => request.destroy());
  });
  await listen(server, port);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    received,
    close: () => stopListening(server),
    /** Goes away, as a machine that is switched off, and comes back on the same port. */
    goAway: () => stopListening(server),
    comeBack: () => listen(server, Number(new URL(url).port)),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

async function stopListening(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  received: Received[],
  decide: (request: Received) => string | undefined,
) {
  const url = request.url ?? "/";
  if (url.startsWith("/__received")) return answerLog(request, response, received);
  const hash = createHash("sha256");
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    if (size < KEPT_BODY_BYTES) kept.push(chunk);
    size += chunk.length;
  }
  const headers: [string, string][] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    headers.push([request.rawHeaders[i] ?? "", request.rawHeaders[i + 1] ?? ""]);
  }
  const entry: Received = {
    method: request.method ?? "",
    url,
    headers,
    size,
    sha256: hash.digest("hex"),
    body: Buffer.concat(kept).toString("utf8"),
    at: Date.now(),
  };
  received.push(entry);
  response.on("close", () => {
    entry.endedAt = Date.now();
  });
  answer(decide(entry) ?? url, request, response);
}

function answerLog(request: IncomingMessage, response: ServerResponse, received: Received[]) {
  if (request.method === "DELETE") received.length = 0;
  const key = new URL(request.url ?? "/", "http://x").searchParams.get("key") ?? "";
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(received.filter((r) => r.url.includes(key))));
}

function answer(url: string, request: IncomingMessage, response: ServerResponse) {
  const [, verb, argument = ""] = url.split(/[/?]/);
  if (verb === "hang") return;
  if (verb === "reset") return void request.socket.destroy();
  if (verb === "slow") return void setTimeout(() => response.end("ok"), Number(argument));
  if (verb === "slowly") {
    response.statusCode = Number(url.split("/")[3]);
    return void setTimeout(() => response.end("at last"), Number(argument));
  }
  if (verb === "drip") {
    response.writeHead(200);
    const timer = setInterval(() => response.write("."), 1000);
    return void response.on("close", () => clearInterval(timer));
  }
  if (verb === "big") return void response.end(Buffer.alloc(Number(argument), "x"));
  if (verb === "endless") return void Readable.from(endlessly()).pipe(response);
  if (verb === "gzip-bomb") {
    response.writeHead(200, { "content-encoding": "gzip", "content-type": "text/plain" });
    return void response.end(BOMB);
  }
  if (verb === "header-flood") {
    const value = "v".repeat(Number(url.split("/")[3]));
    for (let i = 0; i < Number(argument); i++) response.setHeader(`x-flood-${i}`, value);
    return void response.end("flooded");
  }
  if (verb === "retry-after") {
    response.writeHead(429, { "retry-after": decodeURIComponent(argument) });
    return void response.end("slow down");
  }
  if (verb === "status") {
    const status = Number(argument);
    if (status >= 300 && status < 400) response.setHeader("location", `/elsewhere${url}`);
    response.writeHead(status);
    return void response.end(`answer ${status}`);
  }
  response.end("ok");
}
