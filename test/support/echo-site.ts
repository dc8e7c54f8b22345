import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** Two origins of one site, and their addresses as another site's. */
export type EchoSite = { first: string; second: string; other: string };

/**
 * A web site for tests of cookies and redirects, on two ports. Its answer is what the query asks for: `status`,
 * `location`, `set-cookie` (each of them several times), `header` (`name: value`), `body`, and `do`: `hang` (never
 * answers), `drip` (headers, then a byte a second), `reset`, `truncated` (half of the declared length),
 * `truncated-chunks`, `truncated-gzip`, `gzip`, `br`, `bytes` (each of the 256 once), `big` and
 * `big-gzip` (of `bytes`), `endless`. Without a body it says in JSON what it was asked.
 */
export async function startEchoSite() {
  const servers = [createServer(answer), createServer(answer)];
  const [first = 0, second = 0] = await Promise.all(servers.map(listen));
  return {
    urls: {
      first: `http://127.0.0.1:${first}`,
      second: `http://127.0.0.1:${second}`,
      other: `http://localhost:${first}`,
    } satisfies EchoSite,
    close: () => Promise.all(servers.map(close)),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  void answerAsAsked(request, response).catch(() => request.destroy());
}

async function answerAsAsked(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const asked = new URL(request.url ?? "/", "http://site").searchParams;
  response.statusCode = Number(asked.get("status") ?? 200);
  const location = asked.get("location");
  // Header values go out as bytes, of UTF-8 too.
  if (location !== null) response.setHeader("location", rawBytes(location));
  const cookies = asked.getAll("set-cookie");
  if (cookies.length > 0) response.setHeader("set-cookie", cookies.map(rawBytes));
  for (const line of asked.getAll("header")) {
    const [name = "", value = ""] = line.split(": ");
    response.setHeader(name, value);
  }
  const verb = asked.get("do");
  if (verb !== null) return misbehave(verb, asked, request, response);
  response.end(asked.get("body") ?? echo(request, Buffer.concat(chunks)));
}

function rawBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function echo(request: IncomingMessage, body: Buffer): string {
  const headers: [string, string][] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const [name = "", value = ""] = request.rawHeaders.slice(i, i + 2);
    headers.push([name.toLowerCase(), Buffer.from(value, "latin1").toString("utf8")]);
  }
  return JSON.stringify({
    method: request.method,
    path: request.url?.split("?")[0],
    headers: Object.fromEntries(headers),
    body: body.toString("base64"),
  });
}

const TEXT = "packed ".repeat(1_000);

function* endlessly() {
  const chunk = Buffer.alloc(16 * 1024, "x");
  for (;;) yield chunk;
}

function misbehave(
  verb: string,
  asked: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (verb === "hang") return;
  if (verb === "reset") return void request.socket.destroy();
  if (verb === "drip") {
    response.writeHead(response.statusCode);
    const timer = setInterval(() => response.write("."), 1_000);
    return void response.on("close", () => clearInterval(timer));
  }
  if (verb === "gzip" || verb === "br") {
    response.setHeader("content-encoding", verb);
    return void response.end(verb === "gzip" ? gzipSync(TEXT) : brotliCompressSync(TEXT));
  }
  if (verb === "bytes") return void response.end(Buffer.from([...Array(256).keys()]));
  if (verb === "big-gzip") {
    response.setHeader("content-encoding", "gzip");
    return void response.end(gzipSync(Buffer.alloc(Number(asked.get("bytes")))));
  }
  if (verb === "big") return void response.end(Buffer.alloc(Number(asked.get("bytes")), "x"));
  if (verb === "endless") return void Readable.from(endlessly()).pipe(response);
  const packed = gzipSync(Buffer.from(TEXT.repeat(50)));
  const half = verb === "truncated-gzip" ? packed.subarray(0, packed.length / 2) : "half of it";
  if (verb === "truncated") response.setHeader("content-length", 1_000);
  if (verb === "truncated-gzip") response.setHeader("content-encoding", "gzip");
  response.write(half);
  // Of a gzip body the HTTP around it is whole: only the packing shows that something is missing.
  if (verb === "truncated-gzip") return void response.end();
  setTimeout(() => request.socket.destroy(), 50);
}
