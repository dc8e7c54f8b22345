import { beforeAll, describe, expect, it } from "vitest";
import { MAX_FRAME_BYTES, MAX_PUBLISH_FRAMES } from "../../src/channels/constants.ts";
import { topicName } from "../../src/channels/index.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  addKey,
  bindings,
  call,
  fetchApp,
  makeTenant,
  type Tenant,
  wrongFields,
} from "./support.ts";

let a: Tenant;
let b: Tenant;
beforeAll(async () => {
  [a, b] = await Promise.all([makeTenant("a"), makeTenant("b")]);
});

let channels = 0;
const newChannel = () => `orders.${channels++}`;

async function publish(channel: string, body: unknown, headers: Record<string, string> = {}) {
  return await call(a, "POST", `/channels/${channel}/publish`, body, headers);
}
const idsOf = async (channel: string, ...data: unknown[]) => {
  const { json } = await publish(channel, { events: data.map((each) => ({ data: each })) });
  return json.ids as string[];
};

/** A stream's text as it comes. */
async function open(path: string, headers: Record<string, string> = {}, tenant = a) {
  const response = await fetchApp(`/api/v1/channels/${path}`, {
    headers: { authorization: `Bearer ${tenant.key}`, ...headers },
  });
  const state = { text: "", isDone: false };
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const reading = (async () => {
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) break;
      state.text += part.value;
    }
    state.isDone = true;
  })().catch(() => {});
  return {
    response,
    state,
    until: (part: string) =>
      waitFor(() => state.text.includes(part), { what: part, explain: () => state.text }),
    close: async () => {
      await reader?.cancel();
      await reading;
    },
  };
}

const socketsOf = async (channel: string, tenant = a) =>
  (await bindings.CHANNEL.getByName(topicName(tenant.organizationId, channel)).describe()).sockets;

describe("publish", () => {
  it("answers the ids, of one frame and of several", async () => {
    const channel = newChannel();
    const one = await publish(channel, { data: { n: 1 } });
    const more = await publish(channel, { events: [{ event: "x", data: null }, { data: "b" }] });
    expect([one.status, more.status]).toEqual([200, 200]);
    const ids = [...(one.json.ids as string[]), ...(more.json.ids as string[])];
    expect(ids.map((id) => id.replace(/^[0-9a-z]+-/, ""))).toEqual(["1", "2", "3"]);
  });

  it.each([
    [{}, ["data"]],
    [{ event: "x" }, ["data"]],
    [{ data: 1, events: [{ data: 1 }] }, ["events"]],
    [{ events: [{ event: "x" }] }, ["events.0.data"]],
    [{ event: "gap", data: 1 }, ["event"]],
    [{ event: "a b", data: 1 }, ["event"]],
    [{ data: 1, extra: 2 }, ["extra"]],
    [{ events: [] }, ["events"]],
    [{ events: [{ data: 1 }, { event: "end", data: 1 }] }, ["events.1.event"]],
    [{ events: Array.from({ length: MAX_PUBLISH_FRAMES + 1 }, () => ({ data: 1 })) }, ["events"]],
    [{ data: "승".repeat(MAX_FRAME_BYTES / 3) }, ["data"]],
  ])("refuses %j, and keeps nothing", async (body, fields) => {
    const channel = newChannel();
    const answer = await publish(channel, body);
    expect([answer.status, wrongFields(answer)]).toEqual([422, fields]);
    const poll = await call(a, "GET", `/channels/${channel}/poll?since=all&wait=0`);
    expect(poll.json.data).toEqual([]);
  });

  it("takes a frame of exactly the limit", async () => {
    const answer = await publish(newChannel(), { data: "x".repeat(MAX_FRAME_BYTES - 2) });
    expect(answer.status).toBe(200);
  });

  it("with an Idempotency-Key happens once; for other frames the key is refused", async () => {
    const channel = newChannel();
    const key = { "idempotency-key": "k-1" };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => publish(channel, { data: 1 }, key)),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const other = await publish(channel, { data: 2 }, key);
    expect([other.status, wrongFields(other)]).toEqual([422, ["Idempotency-Key"]]);
    const poll = await call(a, "GET", `/channels/${channel}/poll?since=all&wait=0`);
    expect(poll.json.data).toHaveLength(1);
  });

  it("needs the scope write; a name is checked", async () => {
    const reader = { ...a, key: await addKey(a.organizationId, ["read"]) };
    const refused = await call(reader, "POST", "/channels/x/publish", { data: 1 });
    const badName = await call(a, "POST", "/channels/a%20b/publish", { data: 1 });
    const long = await call(a, "POST", `/channels/${"x".repeat(101)}/publish`, { data: 1 });
    expect([refused.status, badName.status, long.status]).toEqual([403, 404, 404]);
  });
});

describe("SSE", () => {
  it("says where it is, then gives each frame with its id, and a comment each second", async () => {
    const channel = newChannel();
    const stream = await open(`${channel}/sse`);
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream");
    expect(stream.response.headers.get("cache-control")).toBe("no-store, no-transform");
    await stream.until("\n\n");
    const [first, second] = await idsOf(channel, { text: "한\n줄" }, 2);
    await stream.until(`id: ${second}`);
    expect(stream.state.text).toMatch(/^id: [0-9a-z]+-0\nretry: \d{4}\n\n/);
    expect(stream.state.text.replace(/^:\n/gm, "")).toContain(
      `id: ${first}\ndata: {"text":"한\\n줄"}\n\nid: ${second}\ndata: 2\n\n`,
    );
    await stream.until("\n:\n");
    await stream.close();
  });

  it("goes on after Last-Event-ID, which wins over since", async () => {
    const channel = newChannel();
    const [first, second, third] = await idsOf(channel, 1, 2, 3);
    const byHeader = await open(`${channel}/sse?since=${first}`, { "last-event-id": second ?? "" });
    await byHeader.until(`id: ${third}\ndata: 3\n`);
    expect(byHeader.state.text).not.toContain("data: 2\n");
    await byHeader.close();
    const bySince = await open(`${channel}/sse?since=${first}`);
    await bySince.until(`id: ${third}\ndata: 3\n`);
    expect(bySince.state.text).toContain("data: 2\n");
    await bySince.close();
  });

  it("a gap is an event that a native EventSource sees", async () => {
    const channel = newChannel();
    const [id] = await idsOf(channel, 1);
    const epoch = id?.split("-")[0];
    const stream = await open(`${channel}/sse`, { "last-event-id": "old-5" });
    await stream.until("event: gap");
    await stream.until("data: 1\n");
    expect(stream.state.text).toContain(
      `id: ${epoch}-0\nevent: gap\ndata: {"from":"old-5","to":"${epoch}-0"}\n\n`,
    );
    await stream.close();
  });

  it("a reader that goes leaves no socket", async () => {
    const channel = newChannel();
    const streams = await Promise.all(
      Array.from({ length: 5 }, (_, i) => open(`${channel}/${i % 2 ? "sse" : "ndjson"}`)),
    );
    expect(await socketsOf(channel)).toBe(5);
    await Promise.all(streams.map((stream) => stream.close()));
    await waitFor(async () => (await socketsOf(channel)) === 0, { what: "no socket to be left" });
  });
});

it("NDJSON is a frame a line, and empty lines between", async () => {
  const channel = newChannel();
  const stream = await open(`${channel}/ndjson`);
  const [id] = await idsOf(channel, { a: 1 });
  await stream.until(`"${id}"`);
  await stream.until("\n\n");
  const lines = stream.state.text.split("\n").filter((line) => line !== "");
  expect(stream.response.headers.get("content-type")).toBe("application/x-ndjson");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: "ready", data: null },
    { id, event: "message", data: { a: 1 }, at: expect.stringMatching(/Z$/) },
  ]);
  await stream.close();
});

describe("poll", () => {
  it("answers at once what there is, and where to go on; then waits for what comes", async () => {
    const channel = newChannel();
    const ids = await idsOf(channel, 1, 2);
    const first = await call(a, "GET", `/channels/${channel}/poll?since=all`);
    expect(first.json.data).toMatchObject([
      { id: ids[0], data: 1 },
      { id: ids[1], data: 2 },
    ]);
    expect(first.json.next).toBe(ids[1]);
    const waiting = call(a, "GET", `/channels/${channel}/poll?since=${String(first.json.next)}`);
    await waitFor(async () => (await socketsOf(channel)) === 1, { what: "the poll to wait" });
    const [third] = await idsOf(channel, 3);
    expect((await waiting).json).toMatchObject({ data: [{ id: third, data: 3 }], next: third });
    await waitFor(async () => (await socketsOf(channel)) === 0, { what: "the socket to go" });
  });

  it("without a position it answers one, so that nothing between two polls is lost", async () => {
    const channel = newChannel();
    await idsOf(channel, 1);
    const empty = await call(a, "GET", `/channels/${channel}/poll?wait=0`);
    expect(empty.json.data).toEqual([]);
    const [id] = await idsOf(channel, 2);
    const next = await call(a, "GET", `/channels/${channel}/poll?since=${String(empty.json.next)}`);
    expect(next.json).toMatchObject({ data: [{ data: 2 }], next: id });
  });

  it.each(["wait=26", "wait=x", "wait=", "wait=0x0", "since=nonsense", "slow=never", "other=1"])(
    "refuses ?%s",
    async (query) => {
      const answer = await call(a, "GET", `/channels/x/poll?${query}`);
      expect(answer.status).toBe(400);
    },
  );
});

describe("WebSocket", () => {
  async function connect(path: string, tenant = a) {
    const response = await fetchApp(`/api/v1/channels/${path}`, {
      headers: { authorization: `Bearer ${tenant.key}`, upgrade: "websocket" },
    });
    const got: string[] = [];
    const socket = response.webSocket;
    socket?.addEventListener("message", ({ data }) => got.push(String(data)));
    socket?.accept();
    return { response, socket, got };
  }

  it("is a frame a message; ping is answered by pong", async () => {
    const channel = newChannel();
    const { response, socket, got } = await connect(`${channel}/ws`);
    expect(response.status).toBe(101);
    await idsOf(channel, 1, 2);
    socket?.send("ping");
    await waitFor(() => got.length === 4, { what: "four messages", explain: () => got.join() });
    expect(got.filter((text) => text !== "pong").map((text) => JSON.parse(text))).toMatchObject([
      { event: "ready" },
      { data: 1 },
      { data: 2 },
    ]);
    socket?.close(1000);
  });

  it("with batch a message holds what came together", async () => {
    const channel = newChannel();
    await idsOf(channel, 1, 2, 3);
    const { socket, got } = await connect(`${channel}/ws?batch=1&since=all`);
    await waitFor(() => got.length === 2, { what: "two messages" });
    expect(got[1]?.split("\n")).toHaveLength(3);
    socket?.close(1000);
  });

  it("without an upgrade it says what to do", async () => {
    const answer = await call(a, "GET", "/channels/x/ws");
    expect([answer.status, answer.headers.get("upgrade")]).toEqual([426, "websocket"]);
  });
});

it("one organization's channel is another one than another's of the same name", async () => {
  const channel = newChannel();
  await idsOf(channel, "mine");
  const poll = await call(b, "GET", `/channels/${channel}/poll?since=all&wait=0`);
  expect(poll.json.data).toEqual([]);
});

it.each(["sse", "ndjson", "poll"])(
  "HEAD of %s has the headers, and opens nothing",
  async (transport) => {
    const channel = newChannel();
    const [head, get] = await Promise.all([
      fetchApp(`/api/v1/channels/${channel}/${transport}`, {
        method: "HEAD",
        headers: { authorization: `Bearer ${a.key}` },
      }),
      open(`${newChannel()}/${transport}`),
    ]);
    expect([...head.headers]).toEqual([...get.response.headers]);
    expect([head.status, await socketsOf(channel)]).toEqual([200, 0]);
    await get.close();
  },
);

it.each(["ws", "sse", "ndjson", "poll"])("%s needs a key", async (transport) => {
  expect((await fetchApp(`/api/v1/channels/x/${transport}`)).status).toBe(401);
});
