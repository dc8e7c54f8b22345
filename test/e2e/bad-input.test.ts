import { request } from "node:http";
import { connect } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call, deliveryOf, makeRelay } from "./support.ts";

const MIB = 1024 * 1024;

let session: TestSession;
let relay: Awaited<ReturnType<typeof makeRelay>>;

beforeAll(async () => {
  session = await startSession();
  relay = await makeRelay(session, "strict");
  return () => relay.receiver.close();
});

type Problem = {
  status: number;
  title: string;
  detail: string;
  errors?: { path: string; message: string }[];
};

/** Sends over a socket and reads the answer even when it comes before the body is through. */
function send(
  path: string,
  init: {
    method?: string;
    headers?: Record<string, string>;
    body?: Buffer;
    chunked?: boolean;
    host?: string;
  },
) {
  return new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
    let answered = false;
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: Number(session.env.BATON_PORT),
        method: init.method ?? "POST",
        path,
        headers: {
          host: init.host ?? "localhost",
          ...init.headers,
          ...(init.chunked
            ? { "transfer-encoding": "chunked" }
            : { "content-length": init.body?.length ?? 0 }),
        },
      },
      (response) => {
        answered = true;
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers["content-type"] ?? "",
            text,
          }),
        );
      },
    );
    // The server may close the connection once it has refused the body.
    outgoing.on("error", (error) => (answered ? undefined : reject(error)));
    outgoing.end(init.body);
  });
}

async function countEvents(): Promise<number> {
  const page = await call<{ data: unknown[] }>(
    session,
    200,
    "GET",
    `/events?sourceId=${relay.source.id}&limit=100`,
  );
  return page.data.length;
}

describe("a callback is refused with a problem, and nothing of it is stored", () => {
  it.each([
    ["26 MiB with a length", 413, "/in/strict/a", { body: Buffer.alloc(26 * MIB) }],
    [
      "26 MiB without a length",
      413,
      "/in/strict/a",
      { body: Buffer.alloc(26 * MIB), chunked: true },
    ],
    ["a path of 16 KB and more", 414, `/in/strict/${"a".repeat(16 * 1024)}`, {}],
    ["a loop", 508, "/in/strict/a", { headers: { "x-baton-hops": "5" } }],
    ["an unknown source", 404, "/in/nobody/a", {}],
    ["an unknown host", 404, "/a", { host: "nobody.localhost" }],
  ])(
    "%s: %i",
    async (_, status, path, init) => {
      const before = await countEvents();
      const answer = await send(path, init);
      expect(answer).toMatchObject({ status, type: "application/problem+json" });
      const problem = JSON.parse(answer.text) as Problem;
      expect(problem.status).toBe(status);
      expect(problem.detail.length).toBeGreaterThan(20);
      expect(await countEvents()).toBe(before);
    },
    30_000,
  );

  it("a disabled source: 404, and the request is a stray", async () => {
    const source = await call<{ id: string }>(session, 201, "POST", "/sources", { slug: "asleep" });
    await call(session, 200, "PATCH", `/sources/${source.id}`, { enabled: false });
    expect(await send("/in/asleep/x?y=1", { body: Buffer.from("hello") })).toMatchObject({
      status: 404,
    });
    const { data } = await call<{ data: { host: string; path: string; reason: string }[] }>(
      session,
      200,
      "GET",
      "/strays",
    );
    expect(data[0]).toMatchObject({ path: "/in/asleep/x", reason: "source_disabled" });
  });

  it.each([
    ["with a length", "content-length: 1000000\r\n\r\n" + "x".repeat(400_000)],
    [
      "without one",
      `transfer-encoding: chunked\r\n\r\n${(400_000).toString(16)}\r\n${"x".repeat(400_000)}\r\n`,
    ],
  ])("an upload that breaks off, %s", async (_, rest) => {
    const before = await countEvents();
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(session.env.BATON_PORT), "127.0.0.1", () => {
        socket.write(`POST /in/strict/broken HTTP/1.1\r\nhost: localhost\r\n${rest}`, () =>
          setImmediate(() => socket.destroy()),
        );
      });
      socket.on("close", () => resolve());
      socket.on("error", reject);
    });
    // A whole request that comes after it is there: the broken one would be too.
    expect(await send("/in/strict/after", { body: Buffer.from("x") })).toMatchObject({
      status: 202,
    });
    await waitFor(async () => (await countEvents()) === before + 1, { what: "the whole request" });
    const { data } = await call<{ data: { path: string }[] }>(
      session,
      200,
      "GET",
      "/events?limit=5",
    );
    expect(data.map(({ path }) => path)).not.toContain("/broken");
  });
});

describe("a callback that looks odd is taken as it is", () => {
  it("bytes that are no UTF-8", async () => {
    const body = Buffer.from([0xff, 0xfe, 0x80, 0x00]);
    const answer = await send("/in/strict/bytes", {
      body,
      headers: { "content-type": "application/json" },
    });
    expect(answer.status).toBe(202);
    const { id } = JSON.parse(answer.text) as { id: string };
    const stored = await session.api(`/events/${id}/body`);
    expect(Buffer.from(await stored.arrayBuffer())).toEqual(body);
    expect((await deliveryOf(session, id, "succeeded")).attempts).toHaveLength(1);
  });

  it("a body on GET: stored, and one failed attempt that says why", async () => {
    const answer = await send("/in/strict/get", { method: "GET", body: Buffer.from("odd") });
    expect(answer.status).toBe(202);
    const { id } = JSON.parse(answer.text) as { id: string };
    const delivery = await deliveryOf(session, id, "failed");
    expect(delivery.attempts).toMatchObject([
      { number: 1, outcome: "failed", reason: "unsendable_request" },
    ]);
  });

  it("25 MiB exactly", async () => {
    const answer = await send("/in/strict/large", { body: Buffer.alloc(25 * MIB, 7) });
    expect(answer.status).toBe(202);
    const { id } = JSON.parse(answer.text) as { id: string };
    await deliveryOf(session, id, "succeeded");
    expect(relay.receiver.received.find(({ url }) => url.endsWith("/large"))?.size).toBe(25 * MIB);
  }, 60_000);
});

describe("the API refuses", () => {
  const rule = (match: unknown) => ({
    sourceId: relay.source.id,
    name: "r",
    match,
    destinationId: relay.destination.id,
  });
  const destination = (url: string) => ({ name: "d", kind: "http", config: { url } });

  it.each([
    [
      "an unknown operator",
      "/rules",
      () => rule({ json: { amount: { $above: 1 } } }),
      "match.json.amount.$above",
    ],
    [
      "a regex that RE2 refuses",
      "/rules",
      () => rule({ text: { regex: "(?=x)" } }),
      "match.text.regex",
    ],
    ["an unknown part", "/rules", () => rule({ body: { kind: "card" } }), "match.body"],
    ["a URL that is no URL", "/destinations", () => destination("not a url"), "config.url"],
    [
      "a loop back to our own host",
      "/destinations",
      () => destination(`${session.appUrl}/in/strict`),
      "config.url",
    ],
    [
      "a loop back to our own wildcard host",
      "/destinations",
      () => destination(`http://demo.localhost:${session.env.BATON_PORT}/`),
      "config.url",
    ],
    [
      "an address of the private network",
      "/destinations",
      () => destination("http://10.0.0.1/"),
      "config.url",
    ],
    [
      "a field of a later version",
      "/sources",
      () => ({ slug: "later", limit: { perMinute: 5 } }),
      "limit",
    ],
    ["a reserved slug", "/sources", () => ({ slug: "app" }), "slug"],
  ])("%s: 422 that names the field", async (_, path, body, field) => {
    const problem = await call<Problem>(session, 422, "POST", path, body());
    expect(problem.errors?.map((error) => error.path)).toContain(field);
  });

  it("every call that takes a body, when it gets none: never a 500", async () => {
    const origin = `http://127.0.0.1:${session.env.BATON_PORT}`;
    const document = (await (await fetch(`${origin}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { requestBody?: object }>>;
    };
    const calls = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([, operation]) => operation.requestBody)
        .map(([method]) => ({ method: method.toUpperCase(), path: path.replace("/api/v1", "") })),
    );
    expect(calls.length).toBeGreaterThan(8);
    const wrong: string[] = [];
    for (const { method, path } of calls) {
      const attempts: Record<string, string>[] = [
        {},
        { "idempotency-key": "none" },
        { "content-type": "application/json" },
      ];
      for (const headers of attempts) {
        const response = await session.api(path.replaceAll(/\{\w+\}/g, "x"), { method, headers });
        const where = `${method} ${path} ${JSON.stringify(headers)}`;
        const type = response.headers.get("content-type");
        if (
          response.status >= 500 ||
          response.status < 400 ||
          type !== "application/problem+json"
        ) {
          wrong.push(`${where}: ${response.status} ${type}`);
        }
        await response.body?.cancel();
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ["no JSON", "{", 400],
    [
      "JSON that is nested 10,000 deep",
      `{"match":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
      400,
    ],
    ["a body above the limit", JSON.stringify({ name: "x".repeat(2 * MIB) }), 413],
  ])("%s", async (_, body, status) => {
    const response = await session.api("/rules", { method: "POST", body });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });
});
