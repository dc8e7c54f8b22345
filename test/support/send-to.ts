import { request } from "node:http";

/** An answer read to its end. */
export type Answer = {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  text: string;
};

export type SendOptions = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
};

/** Sends a request to a port of this machine with any `host` header. */
export function sendTo(
  port: number,
  host: string,
  path: string,
  init: SendOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method: init.method ?? "GET",
        headers: { ...init.headers, host },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const body = Buffer.concat(chunks);
          const headers = response.headers as Record<string, string>;
          resolve({ status: response.statusCode ?? 0, headers, body, text: body.toString() });
        });
      },
    );
    call.once("error", reject);
    call.end(init.body);
  });
}
