import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { atEndOfFile } from "../support/at-end.ts";

export type Posted = {
  key: string;
  headers: IncomingMessage["headers"];
  body: Record<string, unknown> & { message: string };
};

type Reply = (posted: Posted, response: ServerResponse) => void;

/** A source that records what is posted and answers as told; it knows a key again, as `dedup` does. */
export async function startSource(reply: Reply = (_, response) => response.end()) {
  const posted: Posted[] = [];
  const source = { posted, reply, url: "", distinct: () => distinct(posted) };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    if (request.method !== "POST") return response.writeHead(405).end();
    const { headers } = request;
    const entry = { key: String(headers["idempotency-key"]), headers, body: JSON.parse(text) };
    posted.push(entry);
    source.reply(entry, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  atEndOfFile(() => {
    server.closeAllConnections();
    server.close();
  });
  source.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in/logs`;
  return source;
}

/** Messages as a source with `dedup` would have them: the first of each key. */
function distinct(posted: Posted[]): string[] {
  return [...new Map(posted.map(({ key, body }) => [key, body.message])).values()];
}
