import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CALL_RATE, MAX_CHAT_BODY_BYTES } from "../../src/chat-rest/constants.ts";
import { SEND_RATE } from "../../src/chat-socket/index.ts";
import type { Rate } from "../../src/rate-limits/index.ts";
import {
  type ChatTenant,
  type Chatter,
  callChat,
  callChatWith,
  makeChat,
  makeChatter,
} from "./chat-callers.ts";
import { bindings, call, fetchApp } from "./support.ts";

let chat: ChatTenant;
let helpdesk: ChatTenant;
let alice: Chatter;
let bob: Chatter;

beforeAll(async () => {
  chat = await makeChat("chat");
  helpdesk = await makeChat("helpdesk");
  alice = await makeChatter(chat, "alice", { name: "Alice" });
  bob = await makeChatter(helpdesk, "bob", { name: "Bob" });
});

afterEach(() => {
  vi.useRealTimers();
});

/** More than clocks may differ by. */
const LEEWAY_MS = 5 * 60_000;
const NOWHERE = crypto.randomUUID();

describe("where chat is", () => {
  it.each(["/chat/me", "/chat/me/", "/chat/prod/me", "//chat/dev//me/", "/chat/chat/me"])(
    "%s is a call of the deployment's own chat",
    async (path) => {
      const { status, json, headers } = await callChat("GET", path, undefined, {
        authorization: alice.token,
      });
      expect([status, json]).toEqual([200, { userId: "alice", name: "Alice", unread: 0 }]);
      expect(headers.get("content-type")).toContain("application/json");
    },
  );

  it.each([
    "/chat/helpdesk/me",
    "/chat/HELPDESK/me/",
    "/chat/helpdesk/prod/me",
    "/chat/dev/helpdesk/me",
  ])("%s is one of another source's", async (path) => {
    const { status, json } = await callChat("GET", path, undefined, { authorization: bob.token });
    expect([status, json]).toMatchObject([200, { userId: "bob" }]);
  });

  it.each([
    ["GET", "/chat/other/x"],
    ["GET", "/chat/conversations/x/y/z"],
    ["POST", "/chat/helpdesk/other"],
    ["GET", "/chat/ws/a/b"],
    ["DELETE", "/chat/conversation/direct"],
  ])("%s %s is 404 as text, with or without a token", async (method, path) => {
    for (const headers of [{}, { authorization: alice.token }]) {
      const answer = await callChat(method, path, undefined, headers as Record<string, string>);
      expect([answer.status, answer.text]).toEqual([404, expect.stringContaining("no ")]);
      expect(answer.headers.get("content-type")).toContain("text/plain");
    }
  });

  it.each([
    ["GET", "/chat/conversation", "POST"],
    ["POST", "/chat/conversations", "GET"],
    ["DELETE", `/chat/conversations/${NOWHERE}`, "GET, PATCH"],
    ["PUT", `/chat/conversations/${NOWHERE}/messages/`, "GET, POST"],
    ["PUT", "/chat/helpdesk/me", "GET"],
    ["POST", "/chat/ws/prod/", "GET"],
    ["POST", "/chat/presence", "GET"],
  ])("%s %s is 405", async (method, path, allow) => {
    const answer = await callChat(method, path);
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, allow]);
    expect(answer.headers.get("content-type")).toContain("text/plain");
  });

  it("HEAD is GET without a body", async () => {
    const { status, text } = await alice.call("HEAD", "/me");
    expect([status, text]).toEqual([200, ""]);
  });

  it("a slug of no chat is 404; a deployment without one is 503, and says what to do", async () => {
    await call(helpdesk, "POST", "/sources", { slug: "plain" });
    for (const slug of ["nowhere", "plain"]) {
      const { status, text } = await callChat("GET", `/chat/${slug}/me`);
      expect([status, text]).toEqual([404, `There is no enabled chat ${slug} here.`]);
    }
    for (const DEFAULT_CHAT_SOURCE of ["", "nowhere", "plain"]) {
      const vars = { DEFAULT_CHAT_SOURCE };
      const { status, text } = await callChatWith(vars, "GET", "/chat/me");
      expect([status, text]).toEqual([503, expect.stringContaining("DEFAULT_CHAT_SOURCE")]);
    }
  });

  it("a variable that cannot be used is 503 everywhere", async () => {
    const { status, text } = await callChatWith({ CLIENT_URL: "no origin" }, "GET", "/chat/me");
    expect([status, text]).toEqual([503, expect.stringContaining("variables")]);
  });

  it("503 when the database cannot be asked", async () => {
    const DB = {
      prepare: () => {
        throw new Error("down");
      },
    };
    const { status, headers } = await callChatWith({ DB }, "GET", "/chat/me");
    expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
  });

  it.each([
    ["GET", "/chat/conversations"],
    ["GET", `/chat/conversations/${NOWHERE}/messages?limit=1&offset=0`],
    ["POST", `/chat/conversations/${NOWHERE}/messages`, { content: "x" }],
    ["POST", "/chat/conversation", { recipientIdArr: ["bob"], isGroup: false, title: "" }],
    ["GET", "/chat/presence"],
  ])("503 when it stops answering while it is asked: %s %s", async (method, path, body?) => {
    // Who signs in is known still.
    const prepare = (query: string) => {
      if (/chat_(conversations|participants)/.test(query)) throw new Error("D1_ERROR: overloaded");
      return bindings.DB.prepare(query);
    };
    const DB = { prepare, batch: bindings.DB.batch.bind(bindings.DB) };
    const signed = { authorization: alice.token };
    const answer = await callChatWith({ DB }, method, path, body, signed);
    const { status, text, headers } = answer;
    expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
    expect(text).not.toContain("D1");
  });
});

describe("tokens", () => {
  it.each([(t: string) => t, (t: string) => `Bearer ${t}`, (t: string) => `bearer   ${t} `])(
    "are taken as they are, and after Bearer",
    async (write) => {
      const headers = { authorization: write(alice.token) };
      expect((await callChat("GET", "/chat/me", undefined, headers)).status).toBe(200);
    },
  );

  it.each(["", "Bearer", "Bearer ", "x", "a.b.c", "Basic eDp5"])(
    "%j is 401 as JSON",
    async (authorization) => {
      const { status, json, headers } = await callChat("GET", "/chat/conversations", undefined, {
        authorization,
      });
      expect([status, json]).toEqual([401, { message: "Unauthorized" }]);
      expect(headers.get("content-type")).toContain("application/json");
      expect(headers.get("www-authenticate")).toMatch(
        /^Bearer error="invalid_token", error_description="[^"\\]+"$/,
      );
    },
  );

  it("of another organization, and API keys, are 401", async () => {
    for (const authorization of [bob.token, `Bearer ${chat.key}`]) {
      const { status, json } = await callChat("GET", "/chat/me", undefined, { authorization });
      expect([status, json]).toEqual([401, { message: "Unauthorized" }]);
    }
  });

  it("that have ended say so", async () => {
    const { json } = await call(chat, "POST", "/chat/tokens", {
      userId: "alice",
      expiresInSeconds: 1,
    });
    const authorization = String(json.token);
    const end = Date.parse(String(json.expiresAt));
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(end + LEEWAY_MS);
    const answer = await callChat("GET", "/chat/me", undefined, { authorization });
    expect([answer.status, answer.json]).toEqual([
      401,
      { message: "The incoming token has expired" },
    ]);
  });
});

/** Opens a socket, as browsers do; null: the answer was no socket. */
async function open(path: string, headers: Record<string, string> = {}) {
  const { status, webSocket } = await fetchApp(path, {
    headers: { upgrade: "websocket", ...headers },
  });
  return { status, socket: webSocket };
}

/** What a socket says until it is closed, and how that is. */
async function readToEnd(socket: WebSocket) {
  const messages: unknown[] = [];
  const end = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener("message", ({ data }) => messages.push(JSON.parse(String(data))));
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
  socket.accept();
  return { ...(await end), messages };
}

describe("sockets", () => {
  it.each([
    "/chat/ws",
    "/chat/ws/",
    "/chat/ws/prod/",
    "/chat/prod/ws/",
    "/chat/chat/ws/any-stage/",
    "/chat/presence-ws/dev/",
  ])("are at %s, with the token behind ?Authorization=", async (path) => {
    for (const token of [alice.token, `Bearer ${alice.token}`]) {
      const query = `?Authorization=${encodeURIComponent(token)}`;
      // An extension's background page has an origin that nobody would list.
      const { status, socket } = await open(path + query, { origin: "chrome-extension://abc" });
      expect([path, status]).toEqual([path, 101]);
      socket?.accept();
      socket?.close(1000);
    }
  });

  it("of another chat are its own", async () => {
    const path = `/chat/helpdesk/ws/prod/?Authorization=${bob.token}`;
    const { status, socket } = await open(path);
    expect(status).toBe(101);
    socket?.accept();
    socket?.close(1000);
    expect((await open(path.replace("/helpdesk", ""))).status).toBe(401);
  });

  it("refuse what is no upgrade, no token, and no version", async () => {
    const query = `?Authorization=${alice.token}`;
    for (const path of ["/chat/ws/prod/", "/chat/presence-ws"]) {
      expect((await callChat("GET", path + query)).status).toBe(426);
      for (const bad of [
        "",
        "?Authorization=",
        "?Authorization=x",
        `?authorization=${alice.token}`,
      ]) {
        expect([path, bad, (await open(path + bad)).status]).toEqual([path, bad, 401]);
      }
      expect((await open(`${path}${query}&v=3`)).status).toBe(400);
    }
  });

  it("say to version 2 why: a browser cannot read the answer to an upgrade", async () => {
    const { status, socket } = await open("/chat/ws/?v=2&Authorization=x");
    expect(status).toBe(101);
    expect(socket && (await readToEnd(socket))).toMatchObject({
      code: 4401,
      messages: [{ type: "error" }],
    });
  });
});

describe("bodies and queries", () => {
  it.each([
    ["{", "not JSON"],
    ["[]", "no JSON object"],
    ["null", "no JSON object"],
    ['"x"', "no JSON object"],
    [`{"x":${"[".repeat(80)}${"]".repeat(80)}}`, "deeper"],
    [new Uint8Array([0x7b, 0xff]), "UTF-8"],
  ])("%j is 400", async (body, said) => {
    for (const path of ["/conversation", `/conversations/${NOWHERE}/messages`]) {
      const { status, text, headers } = await alice.call("POST", path, body);
      expect([status, text]).toEqual([400, expect.stringContaining(said)]);
      expect(headers.get("content-type")).toContain("text/plain");
    }
  });

  it("over 128 KiB is 413", async () => {
    const body = JSON.stringify({ content: "x".repeat(MAX_CHAT_BODY_BYTES) });
    const { status, text } = await alice.call("POST", `/conversations/${NOWHERE}/messages`, body);
    expect([status, text]).toEqual([413, expect.stringContaining("131072 bytes")]);
  });

  it.each([
    ["GET", "/conversations?page=2", "'page'"],
    ["GET", "/conversations?v=3", "'v'"],
    ["GET", "/conversations?isRead=true&isRead=false", "'isRead'"],
    ["GET", "/me?x", "'x'"],
    ["GET", `/conversations/${NOWHERE}/messages?limit=5&offset=0&befor=x`, "'befor'"],
    ["POST", "/conversation?token=x", "'token'"],
  ])("%s %s is 400", async (method, path, said) => {
    const { status, text } = await alice.call(method, path);
    expect([status, text]).toEqual([400, expect.stringContaining(`Invalid parameter ${said}`)]);
  });

  it.each([
    ["POST", `/conversations/${NOWHERE}/messages`, { content: "x", attachment: 1 }],
    ["PATCH", `/conversations/${NOWHERE}`, { title: "x", isGroup: true }],
    ["DELETE", `/conversations/${NOWHERE}/messages/${NOWHERE}`, { reason: "x" }],
    ["PUT", "/blocks/bob", { until: 1 }],
    ["POST", "/conversation?v=2", { recipientIdArr: ["x"], isGroup: false, title: "", topic: 1 }],
    ["POST", `/conversations/${NOWHERE}/read`, { __proto__: null, constructor: 1 }],
  ])("what %s %s does not know in a body is 400", async (method, path, body) => {
    const { status, text } = await alice.call(method, path, body);
    expect([status, text]).toEqual([400, expect.stringMatching(/^Unknown '\w+' in event body/)]);
  });
});

async function exhaust(key: string, rate: Rate) {
  const limit = bindings.RATE_LIMIT.getByName(key);
  await Promise.all(Array.from({ length: rate.limit }, () => limit.take(rate)));
}

describe("limits", () => {
  it("a user's call over the limit is 429, and others' are not", async () => {
    await exhaust(`chat:calls:${chat.organizationId}:carol`, CALL_RATE);
    const carol = await makeChatter(chat, "carol");
    const { status, text, headers } = await carol.call("GET", "/me");
    expect([status, text]).toEqual([429, expect.stringContaining("Too many calls")]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await alice.call("GET", "/me")).status).toBe(200);
  });

  it("what a user writes counts together with what their sockets send", async () => {
    await exhaust(`chat:sends:${chat.organizationId}:dan`, SEND_RATE);
    const dan = await makeChatter(chat, "dan");
    const path = `/conversations/${NOWHERE}/messages`;
    for (const [method, below] of [
      ["POST", ""],
      ["PATCH", `/${NOWHERE}`],
      ["DELETE", `/${NOWHERE}`],
    ] as const) {
      const body = method === "DELETE" ? undefined : { content: "x" };
      const { status, headers } = await dan.call(method, path + below, body);
      expect([method, status]).toEqual([method, 429]);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect((await dan.call("GET", "/conversations")).status).toBe(200);
  });
});
