import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type CallbackEnd, openKakaoCallbacks } from "../../src/cli/kakao-callbacks.ts";

/** What a callback URL of Kakao does: `ok` is strict, as Kakao's own are. */
export type CallbackMode = "ok" | "refuse" | "redirect" | "hang" | "reset" | "hang-body";
export type KakaoCallbackUrls = {
  /** What answers may be sent to. */
  origin: string;
  /** `POST` with a mode gives a URL as text; `GET ?url=` the calls that it got. */
  control: string;
};

type Call = { method: string; type: string | undefined; end: CallbackEnd | null };

/** Kakao's callback server, for tests that run inside workerd. */
export async function startKakaoCallbacks() {
  const modes = new Map<string, CallbackMode>();
  const calls = new Map<string, Call[]>();
  const ends = new Map<string, Promise<CallbackEnd>>();
  const callbacks = await openKakaoCallbacks({
    trouble: (request, response) => {
      const path = request.url ?? "";
      const call: Call = {
        method: request.method ?? "",
        type: request.headers["content-type"],
        end: null,
      };
      calls.set(path, [...(calls.get(path) ?? []), call]);
      void ends.get(path)?.then((end) => {
        call.end = end;
      });
      return makeTrouble(modes.get(path) ?? "ok", request, response, callbacks.origin);
    },
  });

  function issue(mode: CallbackMode): string {
    const { url, end } = callbacks.issue();
    const path = new URL(url).pathname;
    modes.set(path, mode);
    ends.set(path, end);
    return url;
  }

  const control = createServer((request, response) => {
    if (request.method === "POST") {
      return void response.end(issue((request.url ?? "").slice(1) as CallbackMode));
    }
    const url = new URL(request.url ?? "/", "http://x").searchParams.get("url") ?? "http://x";
    response.end(JSON.stringify(calls.get(new URL(url).pathname) ?? []));
  });
  await new Promise<void>((resolve) => {
    control.listen(0, "127.0.0.1", resolve);
  });
  const { port } = control.address() as AddressInfo;
  return {
    origin: callbacks.origin,
    control: `http://127.0.0.1:${port}`,
    async close(): Promise<void> {
      control.closeAllConnections();
      await Promise.all([new Promise((resolve) => control.close(resolve)), callbacks.close()]);
    },
  };
}

function makeTrouble(
  mode: CallbackMode,
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
): boolean {
  switch (mode) {
    case "ok":
      return false;
    case "refuse":
      response
        .writeHead(400)
        .end(`{"status":"FAIL","message":"Invalid callback token","path":"${request.url}"}`);
      return true;
    case "redirect":
      response.writeHead(307, { location: `${origin}/followed${request.url}` }).end();
      return true;
    case "hang":
      return true;
    case "reset":
      request.socket.destroy();
      return true;
    case "hang-body":
      response.writeHead(500);
      response.write("{");
      return true;
  }
}
