import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What `GET /<name>` answers. */
export type Script = {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  delayMs?: number;
};

/**
 * A server of key sets. `PUT /<name>` says what `GET /<name>` answers (a `Script` as JSON), `GET /__asked?name=<name>`
 * how often it was asked for. A `delayMs` of -1 never answers.
 */
export async function startJwks() {
  const scripts = new Map<string, Script>();
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
      if (pathname === "/__asked") {
        return void response.end(String(asked.get(searchParams.get("name") ?? "") ?? 0));
      }
      const name = pathname.slice(1);
      if (request.method === "PUT") {
        const chunks: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
        scripts.set(name, JSON.parse(Buffer.concat(chunks).toString("utf8")) as Script);
        return void response.end();
      }
      asked.set(name, (asked.get(name) ?? 0) + 1);
      const {
        status = 200,
        headers = {},
        body = "",
        delayMs = 0,
      } = scripts.get(name) ?? {
        status: 404,
      };
      if (delayMs < 0) return;
      setTimeout(() => {
        response.writeHead(status, headers);
        response.end(body);
      }, delayMs);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
