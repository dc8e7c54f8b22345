import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { maskedBody, maskFields, phoneMask } from "../sms/index.ts";
import { MAX_PRINTED_CHARS, MAX_RECEIVED, MAX_RECEIVED_BODY_BYTES } from "./constants.ts";
import { printable } from "./printable.ts";

/** One request as the receiver saw it. `body` is its beginning as text; `sha256` (hex) is of all its bytes. */
export type ReceivedRequest = {
  at: string;
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  size: number;
  sha256: string;
  body: string;
  status: number;
};

export type Receiver = { close: () => Promise<void> };

/**
 * A small HTTP server that answers 200 to everything and tells `onRequest`, so that a first delivery has a real place
 * to go. `GET /__received` lists the last 100 requests, newest first.
 */
export async function startReceiver(
  port: number,
  onRequest: (request: ReceivedRequest) => void,
): Promise<Receiver> {
  const received: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url === "/__received") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(received));
      return;
    }
    readRequest(request).then(
      (record) => {
        received.unshift(record);
        received.length = Math.min(received.length, MAX_RECEIVED);
        onRequest(record);
        response.setHeader("content-type", "application/json");
        response.end(request.method === "HEAD" ? undefined : '{"received":true}\n');
      },
      // The sender went away in the middle of its body: nobody is left to answer.
      () => response.destroy(),
    );
  });
  await listen(server, port);
  return { close: () => close(server) };
}

/** One line about a request, safe for a terminal, and without the one-time codes of a forwarded message. */
export function describeReceived(request: ReceivedRequest): string {
  const shown = withoutCodes(request);
  const body = printable(shown.body, MAX_PRINTED_CHARS);
  return `${request.method} ${printable(shown.url)} (${request.size} B)${body && ` ${body}`}`;
}

function withoutCodes({ url, body, headers }: ReceivedRequest): { url: string; body: string } {
  // Its words cannot be read here, so no number in it can be known to be harmless.
  if (body.includes("\uFFFD")) return { url, body: body.replace(/\d{4,}/g, "******") };
  const contentType = headers["content-type"]?.toString() ?? null;
  const bytes = new Uint8Array(new TextEncoder().encode(body));
  const [path = "", query = ""] = url.split("?", 2);
  const mask = phoneMask({ contentType, query, body: bytes, receivedAt: Date.now() });
  if (!mask) return { url, body };
  const masked = new TextDecoder().decode(maskedBody(contentType, bytes, mask));
  return { url: query === "" ? url : `${path}?${maskFields(query, mask)}`, body: masked };
}

async function readRequest(request: IncomingMessage): Promise<ReceivedRequest> {
  const hash = createHash("sha256");
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
    const part = chunk.subarray(0, MAX_RECEIVED_BODY_BYTES - keptBytes);
    keptBytes += part.length;
    kept.push(part);
  }
  return {
    at: new Date().toISOString(),
    method: request.method ?? "",
    url: request.url ?? "",
    headers: request.headers,
    size,
    sha256: hash.digest("hex"),
    body: Buffer.concat(kept).toString("utf8"),
    status: 200,
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
