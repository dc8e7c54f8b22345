import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { callLocal } from "../../src/cli/listen-call.ts";
import type { ListenerRequest } from "../../src/deliveries/listen-schemas.ts";

/** A server that says whatever it is told to, whether that is HTTP or not; what it got is kept as bytes. */
async function startLocal(say: (socket: Socket) => void) {
  const got: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => say(socket));
    socket.on("data", (piece) => got.push(piece));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { url: new URL(`http://127.0.0.1:${port}`), got: () => Buffer.concat(got).toString() };
}

type Outgoing = Pick<ListenerRequest, "method" | "path" | "query" | "headers">;

function send(url: URL, more: Partial<Outgoing> = {}, body = "", timeoutMs = 5000) {
  const outgoing = { method: "POST", path: "/a", query: "", headers: [], ...more } as Outgoing;
  const { signal } = new AbortController();
  return callLocal(url, outgoing, new TextEncoder().encode(body), { timeoutMs, signal });
}

const answers = (text: string) => (socket: Socket) => void socket.end(text);
const OK = answers("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

describe("what is sent", () => {
  it.each(["GET", "DELETE", "OPTIONS", "POST", "PROPFIND"])(
    "says how long the body of a %s is",
    async (method) => {
      const local = await startLocal(OK);
      await send(local.url, { method }, "body");
      const [head = "", body] = local.got().split("\r\n\r\n");
      expect(head).toMatch(new RegExp(`^${method} /a HTTP/1.1\r\n`));
      expect(head.match(/content-length: \d+|transfer-encoding: \w+/gi)).toEqual([
        "content-length: 4",
      ]);
      expect(body).toBe("body");
    },
  );

  it("has header values in Korean, as UTF-8, and a repeated header twice", async () => {
    const local = await startLocal(OK);
    const headers: [string, string][] = [
      ["x-name", "홍길동"],
      ["x-two", "1"],
      ["x-two", "é"],
    ];
    expect(await send(local.url, { headers })).toMatchObject({ response: { status: 200 } });
    expect(local.got()).toContain("\r\nx-name: 홍길동\r\nx-two: 1\r\nx-two: é\r\n");
  });
});

describe("an answer that is none", () => {
  it.each([
    ["another protocol", "SSH-2.0-x\r\n", /HPE_/],
    ["a status that HTTP has not", "HTTP/1.1 999 Odd\r\n\r\n", /^UNKNOWN_STATUS_999 127/],
    [
      "an upgrade that nobody asked for",
      "HTTP/1.1 101 Go\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
      /^UNASKED_UPGRADE 127/,
    ],
    ["nothing at all", "", /^ECONNRESET 127/],
    [
      "a head that never ends",
      `HTTP/1.1 200 OK\r\nx: ${"x".repeat(50_000)}`,
      /HPE_HEADER_OVERFLOW/,
    ],
  ])("is a failed connection: %s", async (_, text, detail) => {
    const local = await startLocal(answers(text));
    expect(await send(local.url)).toEqual({
      error: { reason: "connection_failed", detail: expect.stringMatching(detail) as unknown },
    });
  });

  it("is a timeout when it does not come, or does not end", async () => {
    const silent = await startLocal(() => {});
    const endless = await startLocal(
      (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nstart"),
    );
    for (const { url } of [silent, endless]) {
      expect(await send(url, {}, "", 300)).toMatchObject({ error: { reason: "timeout" } });
    }
  });
});

describe("an answer", () => {
  it("is kept as far as it came when it breaks off, and no further than is kept", async () => {
    const broken = await startLocal(answers("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nstart"));
    expect(await send(broken.url)).toMatchObject({
      response: { status: 200, bodyBase64: btoa("start"), truncated: true },
    });
    const huge = await startLocal((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const more = () => {
        while (!socket.destroyed && socket.write("x".repeat(65_536)));
      };
      socket.on("drain", more);
      more();
    });
    const answer = await send(huge.url);
    expect(answer).toMatchObject({ response: { truncated: true } });
    expect("response" in answer && atob(answer.response.bodyBase64).length).toBe(256 * 1024);
  });

  it("that leads elsewhere is an answer, and is not followed", async () => {
    const local = await startLocal(
      answers("HTTP/1.1 302 Go\r\nlocation: http://127.0.0.1:1/\r\n\r\n"),
    );
    expect(await send(local.url)).toMatchObject({
      response: { status: 302, headers: [["location", "http://127.0.0.1:1/"]] },
    });
  });
});
