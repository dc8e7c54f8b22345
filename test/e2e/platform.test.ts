import { connect } from "node:net";
import { beforeAll, expect, it } from "vitest";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call, deliveryOf, header, makeRelay, receivedCount } from "./support.ts";

/** What the platform does to a request before Baton sees it, and after. The README lists each of these lines. */

let session: TestSession;
let relay: Awaited<ReturnType<typeof makeRelay>>;

beforeAll(async () => {
  session = await startSession();
  relay = await makeRelay(session, "raw");
  return () => relay.receiver.close();
});

type EventJson = { path: string; query: string; headers: [string, string][]; method: string };

/** Writes a request to the socket as it stands, and gives the stored event and what the receiver got. */
async function sendRaw(lines: string[], body = "") {
  const before = relay.receiver.received.length;
  const text = await exchange([...lines, "connection: close", "", body].join("\r\n"));
  const id = /x-baton-event-id: (\S+)/i.exec(text)?.[1];
  if (!id) throw new Error(`not taken: ${text.slice(0, 500)}`);
  const event = await call<EventJson>(session, 200, "GET", `/events/${id}`);
  return {
    id,
    event,
    arrival: async () => {
      await receivedCount(relay.receiver.received, before + 1);
      return waitFor(
        () => relay.receiver.received.find((got) => header(got, "x-baton-event-id") === id),
        { what: "the delivery" },
      );
    },
  };
}

function exchange(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(session.env.BATON_PORT), "127.0.0.1", () =>
      socket.write(request),
    );
    let text = "";
    socket.on("data", (chunk) => (text += chunk));
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
}

const host = () => `host: raw.localhost:${session.env.BATON_PORT}`;

it("header names arrive in lower case", async () => {
  const { event } = await sendRaw([
    "POST / HTTP/1.1",
    host(),
    "X-MiXeD-Case: Value Stays",
    "content-length: 0",
  ]);
  expect(event.headers).toContainEqual(["x-mixed-case", "Value Stays"]);
});

it("headers that come twice are joined by a comma", async () => {
  const { event } = await sendRaw([
    "POST / HTTP/1.1",
    host(),
    "x-twice: one",
    "x-twice: two",
    "content-length: 0",
  ]);
  expect(event.headers).toContainEqual(["x-twice", "one, two"]);
});

it("the order of headers is not kept: they come sorted by name", async () => {
  const { event } = await sendRaw([
    "POST / HTTP/1.1",
    host(),
    "x-b: 1",
    "x-a: 2",
    "x-c: 3",
    "content-length: 0",
  ]);
  const names = event.headers.map(([name]) => name).filter((name) => /^x-[abc]$/.test(name));
  expect(names).toEqual(["x-a", "x-b", "x-c"]);
});

it.each([
  ["/a/../b", "/b"],
  ["/a/./b", "/a/b"],
  ["/a/%2e%2e/b", "/b"],
])("dot segments are resolved: %s arrives as %s", async (path, arrives) => {
  const { event } = await sendRaw([`POST ${path} HTTP/1.1`, host(), "content-length: 0"]);
  expect(event.path).toBe(arrives);
});

it("characters that the URL standard escapes arrive escaped", async () => {
  const { event } = await sendRaw([`POST /a"b?c='d' HTTP/1.1`, host(), "content-length: 0"]);
  expect(event).toMatchObject({ path: "/a%22b", query: "c=%27d%27" });
});

it("a fragment never arrives", async () => {
  const { event } = await sendRaw(["POST /x?a=1#fragment HTTP/1.1", host(), "content-length: 0"]);
  expect(event).toMatchObject({ path: "/x", query: "a=1" });
});

it("methods that the platform knows arrive, others are refused by it", async () => {
  const { event } = await sendRaw(["PURGE / HTTP/1.1", host(), "content-length: 0"]);
  expect(event.method).toBe("PURGE");
  expect(await exchange(`FOO / HTTP/1.1\r\n${host()}\r\nconnection: close\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 (400|501)/,
  );
  expect(
    await exchange(`CONNECT / HTTP/1.1\r\n${host()}\r\nconnection: close\r\n\r\n`),
  ).not.toMatch(/x-baton-event-id/i);
});

it("accept-encoding is the platform's own, whatever was sent", async () => {
  const line = "accept-encoding: identity";
  const { event } = await sendRaw(["POST / HTTP/1.1", host(), line, "content-length: 0"]);
  expect(event.headers).toContainEqual(["accept-encoding", "br, gzip"]);
});

it("a body on GET is stored; it cannot be delivered, and says so", async () => {
  const { id } = await sendRaw(["GET /with-body HTTP/1.1", host(), "content-length: 5"], "hello");
  const body = await session.api(`/events/${id}/body`);
  expect(await body.text()).toBe("hello");
  const delivery = await deliveryOf(session, id, "failed");
  expect(delivery.attempts).toMatchObject([
    { number: 1, outcome: "failed", reason: "unsendable_request" },
  ]);
});

it("hop-by-hop headers, host, accept-encoding and credentials are not handed on", async () => {
  const { arrival } = await sendRaw([
    "POST /h HTTP/1.1",
    host(),
    "accept-encoding: zstd",
    "authorization: Bearer secret",
    "cookie: a=b",
    "te: trailers",
    "x-kept: yes",
    "content-length: 0",
  ]);
  const got = await arrival();
  expect(header(got, "x-kept")).toBe("yes");
  expect(header(got, "host")).toBe(new URL(relay.receiver.url).host);
  expect(header(got, "authorization")).toBeUndefined();
  expect(header(got, "cookie")).toBeUndefined();
  expect(header(got, "te")).toBeUndefined();
  expect(header(got, "accept-encoding")).not.toBe("zstd");
});
