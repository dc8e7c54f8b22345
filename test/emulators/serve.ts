import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Json = Record<string, unknown>;

/** What an emulator answers with when it does not take a message. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Json | string;

  constructor(status: number, body: Json | string, why: string) {
    super(why);
    this.status = status;
    this.body = body;
  }
}

/** A server of this machine; `port` 0 takes any. */
export async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  port: number,
) {
  const server = createServer(handle);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON, or with a page when the body is text. */
export function answer(
  response: ServerResponse,
  status: number,
  body: Json | string | null,
  headers: Record<string, string> = {},
): void {
  const type = typeof body === "string" ? "text/html" : "application/json";
  response.writeHead(status, body === null ? headers : { "content-type": type, ...headers });
  response.end(typeof body === "string" ? body : body === null ? undefined : JSON.stringify(body));
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function mediaTypeOf(request: IncomingMessage): string {
  return (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** The JSON object in UTF-8 that a body is, or null. */
export function readJsonObject(body: Buffer): Json | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
