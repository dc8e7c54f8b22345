import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  ACK_EVERY_BYTES,
  LOG_AGE_MS,
  LOG_FRAMES,
  MAX_UNACKED_BYTES,
  MAX_UNHEARD_BYTES,
} from "../../src/channels/constants.ts";
import type { SocketWish } from "../../src/channels/rpc.ts";
import { toQuery } from "../../src/channels/socket-wish.ts";
import { waitFor } from "../support/wait-for.ts";

const objects = env as unknown as ObjectsEnv;
const WISH: SocketWish = {
  format: "json",
  batch: false,
  since: null,
  until: null,
  untilCode: 4409,
  slow: "drop",
  acks: false,
};

type Got = { id: string; event: string; data: unknown; at: string };

let channels = 0;

function makeChannel() {
  const stub = objects.CHANNEL.getByName(`topic:org_test:${channels++}`);
  const publish = async (...data: unknown[]) => {
    const frames = data.map((each) => ({ event: "message", data: JSON.stringify(each) }));
    const answer = await stub.publish({ frames });
    return answer.kind === "published" ? answer.ids : [];
  };
  return { stub, publish };
}

type Channel = ReturnType<typeof makeChannel>;

/** A subscriber whose frames are in `got`. */
async function subscribe({ stub }: Channel, more: Partial<SocketWish> = {}) {
  const url = `https://channel/?${toQuery({ ...WISH, ...more }).toString()}`;
  const answer = await stub.fetch(url, { headers: { upgrade: "websocket" } });
  const socket = answer.webSocket;
  if (!socket) throw new Error(`no socket: ${answer.status}`);
  const got: Got[] = [];
  const messages: (string | ArrayBuffer)[] = [];
  const state: { closed?: { code: number; reason: string } } = {};
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    messages.push(data as string | ArrayBuffer);
    if (typeof data !== "string" || data === "pong") return;
    for (const line of data.split("\n")) got.push(JSON.parse(line) as Got);
  });
  socket.addEventListener("close", ({ code, reason }) => {
    state.closed = { code, reason };
  });
  socket.accept();
  const frames = () => got.filter(({ event }) => event !== "ready");
  return {
    socket,
    messages,
    state,
    got,
    frames,
    data: () => frames().map(({ data }) => data),
    has: (count: number) =>
      waitFor(() => frames().length >= count, {
        what: `${count} frames`,
        explain: () => `it has ${frames().length}`,
      }),
  };
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("the log", () => {
  it("numbers frames from 1 in one epoch, also when the object is made again", async () => {
    const channel = makeChannel();
    const [first, second] = await channel.publish("a", "b");
    await evictDurableObject(channel.stub);
    const [third] = await channel.publish("c");
    const epoch = first?.split("-")[0];
    expect([first, second, third]).toEqual([`${epoch}-1`, `${epoch}-2`, `${epoch}-3`]);
    const { frames, position } = await channel.stub.history("all", 10);
    expect(frames.map(({ data }) => data)).toEqual(['"a"', '"b"', '"c"']);
    expect(position).toBe(third);
  });

  it("an empty channel keeps its epoch: a reader that came first resumes without a gap", async () => {
    const channel = makeChannel();
    const { got } = await subscribe(channel);
    await waitFor(() => got.length === 1, { what: "the ready frame" });
    await evictDurableObject(channel.stub);
    await channel.publish("a");
    const { gap, frames } = await channel.stub.history(got[0]?.id ?? "", 10);
    expect([gap, frames.length]).toEqual([null, 1]);
  });

  it("writes one row a frame, before and after it has gone round", async () => {
    const channel = makeChannel();
    const written = () =>
      runInDurableObject(channel.stub, async (object, { storage }) => {
        const before = storage.sql.exec("SELECT 1");
        before.toArray();
        let rows = 0;
        const exec = storage.sql.exec.bind(storage.sql);
        storage.sql.exec = ((sql: string, ...values: unknown[]) => {
          const cursor = exec(sql, ...(values as never[]));
          if (/^INSERT|^DELETE|^UPDATE/.test(sql)) {
            cursor.toArray();
            rows += cursor.rowsWritten;
          }
          return cursor;
        }) as never;
        await object.publish({ frames: [{ event: "message", data: "1" }] });
        storage.sql.exec = exec as never;
        return rows;
      });
    await channel.publish("warm up");
    expect(await written()).toBe(1);
    for (let sent = 0; sent < LOG_FRAMES; sent += 100) await channel.publish(...numbers(1, 100));
    expect(await written()).toBe(1);
  });

  it("is bounded by count: who asks for what is gone is told which, and gets the rest", async () => {
    const channel = makeChannel();
    const [first] = await channel.publish(0);
    for (let sent = 0; sent < 1100; sent += 100) {
      await channel.publish(...numbers(sent + 1, sent + 100));
    }
    const reader = await subscribe(channel, { since: first ?? "" });
    await reader.has(LOG_FRAMES + 1);
    const epoch = first?.split("-")[0];
    const [gap, ...rest] = reader.frames();
    expect(gap).toMatchObject({
      id: `${epoch}-101`,
      event: "gap",
      data: { from: `${epoch}-2`, to: `${epoch}-101` },
    });
    expect(rest.map(({ data }) => data)).toEqual(numbers(101, 1100));
    // Until it has heard of the gap it stays where it was.
    expect(reader.got[0]).toMatchObject({ event: "ready", id: first });
  });

  it("is bounded by age; the numbers go on, and nothing is left to wake for", async () => {
    const channel = makeChannel();
    const [first] = await channel.publish("a", "b", "c");
    await runInDurableObject(channel.stub, (_, { storage }) => {
      storage.sql.exec("UPDATE log SET at = at - ?", LOG_AGE_MS + 1);
    });
    expect(await channel.stub.history("all", 10)).toMatchObject({ frames: [], gap: null });
    expect((await channel.stub.history(first ?? "", 10)).gap).not.toBeNull();
    await runDurableObjectAlarm(channel.stub);
    const left = await runInDurableObject(channel.stub, async (_, { storage }) => ({
      rows: storage.sql.exec("SELECT seq FROM log").toArray(),
      alarm: await storage.getAlarm(),
    }));
    expect(left).toEqual({ rows: [{ seq: 3 }], alarm: null });
    await evictDurableObject(channel.stub);
    expect((await channel.publish("d"))[0]).toMatch(/-4$/);
  });

  it("an id of another epoch, or beyond the end, is a gap and never a silent jump", async () => {
    const channel = makeChannel();
    const [first] = await channel.publish("a");
    const epoch = first?.split("-")[0];
    const other = await subscribe(channel, { since: "zz-7" });
    await other.has(2);
    expect(other.frames()).toMatchObject([
      { event: "gap", id: `${epoch}-0`, data: { from: "zz-7", to: `${epoch}-0` } },
      { data: "a" },
    ]);
    const beyond = await subscribe(channel, { since: `${epoch}-9` });
    await channel.publish("b");
    await beyond.has(2);
    expect(beyond.frames()).toMatchObject([
      { event: "gap", id: `${epoch}-1`, data: { from: `${epoch}-9`, to: `${epoch}-1` } },
      { data: "b" },
    ]);
  });

  it.each([
    [null, []],
    ["latest", ["c"]],
    ["all", ["a", "b", "c"]],
  ] as const)("since %s begins with %j", async (since, before) => {
    const channel = makeChannel();
    await channel.publish("a", "b", "c");
    const reader = await subscribe(channel, { since });
    await channel.publish("d");
    await reader.has(before.length + 1);
    expect(reader.data()).toEqual([...before, "d"]);
  });
});

describe("publish", () => {
  it("with a key happens once: 50 at a time, and after the object was made again", async () => {
    const channel = makeChannel();
    const input = {
      frames: [{ event: "message", data: "1" }],
      once: { key: "api:k", digest: "one" },
    };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => channel.stub.publish(input)),
    );
    await evictDurableObject(channel.stub);
    answers.push(await channel.stub.publish(input));
    expect(
      new Set(answers.map((answer) => JSON.stringify("ids" in answer && answer.ids))).size,
    ).toBe(1);
    expect((await channel.stub.history("all", 100)).frames).toHaveLength(1);
    const other = { ...input, once: { key: "api:k", digest: "two" } };
    expect(await channel.stub.publish(other)).toEqual({ kind: "conflict" });
  });

  it("frames of one publish stay together and in order, beside 20 other publishers", async () => {
    const channel = makeChannel();
    const reader = await subscribe(channel);
    const sent = await Promise.all(
      numbers(1, 20).map((n) => channel.publish(`${n}a`, `${n}b`, `${n}c`)),
    );
    await reader.has(60);
    const ids = reader.frames().map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => Number(a.split("-")[1]) - Number(b.split("-")[1])));
    for (const group of sent) {
      const from = ids.indexOf(group[0] ?? "");
      expect(ids.slice(from, from + 3)).toEqual(group);
    }
  });

  it("frames that come close together go out together", async () => {
    const channel = makeChannel();
    const reader = await subscribe(channel, { batch: true });
    await Promise.all(numbers(1, 200).map((n) => channel.publish(n)));
    await reader.has(200);
    expect(reader.messages.length).toBeLessThan(100);
    expect(reader.data().toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(1, 200));
  });
});

describe("sockets", () => {
  it("each format is what its transport writes", async () => {
    const channel = makeChannel();
    const [json, lines, sse] = await Promise.all([
      subscribe(channel),
      subscribe(channel, { format: "lines", batch: true }),
      subscribe(channel, { format: "sse", batch: true }),
    ]);
    const [id] = await channel.publish({ text: "승인\n1\u2028" });
    await json.has(1);
    const textOf = ({ messages }: typeof json) =>
      messages.map((each) => new TextDecoder().decode(each as ArrayBuffer)).join("");
    await waitFor(() => textOf(lines).split("\n").length === 3, { what: "a line" });
    await waitFor(() => textOf(sse).includes("data:"), { what: "a block" });
    expect(json.frames()[0]).toMatchObject({
      id,
      event: "message",
      data: { text: "승인\n1\u2028" },
    });
    expect(JSON.parse(textOf(lines).split("\n")[1] ?? "")).toEqual(json.frames()[0]);
    const start = id?.replace(/-1$/, "-0");
    expect(textOf(sse)).toMatch(
      new RegExp(`^id: ${start}\nretry: \\d{4}\n\nid: ${id}\ndata: \\{"text":"승인\\\\n1`),
    );
  });

  it("a ping is answered without waking the object, which sleeps while sockets are open", async () => {
    const channel = makeChannel();
    const reader = await subscribe(channel);
    await channel.publish("a");
    await reader.has(1);
    const { instance } = await channel.stub.describe();
    await evictDurableObject(channel.stub);
    reader.socket.send("ping");
    await waitFor(() => reader.messages.includes("pong"), { what: "the pong" });
    await channel.publish("b");
    await reader.has(2);
    expect(reader.data()).toEqual(["a", "b"]);
    const after = await channel.stub.describe();
    expect([after.instance === instance, after.sockets]).toEqual([false, 1]);
  });

  it("one that is closed is forgotten", async () => {
    const channel = makeChannel();
    const reader = await subscribe(channel);
    expect((await channel.stub.describe()).sockets).toBe(1);
    reader.socket.close(1000, "done");
    await waitFor(async () => (await channel.stub.describe()).sockets === 0, {
      what: "the socket to be gone",
    });
  });

  it("one whose time is over is closed with its code, also when the object has slept", async () => {
    const channel = makeChannel();
    const soon = Date.now() + 60_000;
    const reader = await subscribe(channel, { until: soon, untilCode: 4401 });
    const other = await subscribe(channel, { until: soon + 60_000 });
    await evictDurableObject(channel.stub);
    expect(await runInDurableObject(channel.stub, (_, { storage }) => storage.getAlarm())).toBe(
      soon,
    );
    await runInDurableObject(channel.stub, async (object) => {
      const now = Date.now;
      Date.now = () => soon + 1;
      try {
        await object.alarm();
      } finally {
        Date.now = now;
      }
    });
    await waitFor(() => reader.state.closed, { what: "the close" });
    expect(reader.state.closed).toEqual({ code: 4401, reason: "token_expired" });
    await channel.publish("a");
    await other.has(1);
    expect(other.state.closed).toBeUndefined();
  });

  it("refuses what is no upgrade", async () => {
    const answer = await makeChannel().stub.fetch("https://channel/");
    expect(answer.status).toBe(426);
    await answer.text();
  });
});

describe("a reader that is too slow", () => {
  const LARGE = "x".repeat(60_000);
  const MANY = Math.ceil(MAX_UNACKED_BYTES / LARGE.length) + 5;
  const large = (channel: Channel, from: number, to: number) =>
    Promise.all(numbers(from, to).map((n) => channel.publish({ n, LARGE })));
  const seen = (reader: Awaited<ReturnType<typeof subscribe>>) =>
    reader.frames().map(({ data }) => (data as { n: number }).n);
  const size = (reader: Awaited<ReturnType<typeof subscribe>>) =>
    reader.messages.reduce((sum, each) => sum + (each as string).length, 0);

  it("is sent a window's worth, and the rest from the log when it has read on", async () => {
    const channel = makeChannel();
    const reader = await subscribe(channel, { acks: true, batch: true });
    for (const n of numbers(1, MANY)) await channel.publish({ n, LARGE });
    await waitFor(() => size(reader) >= MAX_UNACKED_BYTES, { what: "a full window" });
    await channel.stub.describe();
    expect(seen(reader).length).toBeLessThan(MANY);
    // What it has missed is on the socket itself, since the object may sleep meanwhile.
    await evictDurableObject(channel.stub);
    await channel.publish({ n: MANY + 1, LARGE });
    await waitFor(
      async () => {
        reader.socket.send(`ack ${size(reader)}`);
        await channel.stub.describe();
        return seen(reader).length >= MANY + 1;
      },
      { what: "the rest" },
    );
    expect(seen(reader)).toEqual(numbers(1, MANY + 1));
  });

  it("that has fallen behind the log is told what it has missed", async () => {
    const channel = makeChannel();
    const reader = await subscribe(channel, { acks: true, batch: true });
    await large(channel, 1, MANY);
    await waitFor(() => size(reader) >= MAX_UNACKED_BYTES, { what: "a full window" });
    const before = reader.frames().length;
    for (let sent = 0; sent < LOG_FRAMES; sent += 100) {
      await channel.publish(...numbers(1, 100).map((n) => ({ n: sent + n })));
    }
    await waitFor(
      async () => {
        reader.socket.send(`ack ${size(reader)}`);
        await channel.stub.describe();
        return reader.frames().length >= before + LOG_FRAMES + 1;
      },
      { what: "the rest" },
    );
    const gap = reader.frames()[before];
    const epoch = gap?.id.split("-")[0];
    expect(gap).toMatchObject({
      event: "gap",
      data: { from: `${epoch}-${before + 1}`, to: `${epoch}-${MANY}` },
    });
    expect(seen(reader).slice(before + 1)).toEqual(numbers(1, LOG_FRAMES));
  });

  it("that has fallen behind more than twice the log is told too, and has the rest", async () => {
    const channel = makeChannel();
    const reader = await subscribe(channel, { acks: true, batch: true });
    await large(channel, 1, MANY);
    await waitFor(() => size(reader) >= MAX_UNACKED_BYTES, { what: "a full window" });
    const before = reader.frames().length;
    const total = 2 * LOG_FRAMES + MANY;
    for (let sent = 0; sent < total; sent += 100) {
      await channel.publish(...numbers(1, 100).map((n) => ({ n: sent + n })));
    }
    await waitFor(
      async () => {
        reader.socket.send(`ack ${size(reader)}`);
        await channel.stub.describe();
        return reader.frames().length >= before + LOG_FRAMES + 1;
      },
      { what: "the rest", explain: () => `it has ${reader.frames().length - before}` },
    );
    const [gap, ...rest] = reader.frames().slice(before);
    const numberOf = (id?: string) => Number(id?.split("-")[1]);
    expect([gap?.event, numberOf(gap?.id) + 1]).toEqual(["gap", numberOf(rest[0]?.id)]);
    expect(rest.map(({ id }) => numberOf(id))).toEqual(
      numbers(numberOf(rest[0]?.id), numberOf(rest[0]?.id) + LOG_FRAMES - 1),
    );
  });

  it("is closed with its code when it asked for that", async () => {
    const channel = makeChannel();
    const reader = await subscribe(channel, { acks: true, slow: "disconnect" });
    await large(channel, 1, MANY + 5);
    await waitFor(() => reader.state.closed, { what: "the close" });
    expect(reader.state.closed).toEqual({ code: 4408, reason: "slow_consumer" });
  });

  it("that reads and says so is never held up", async () => {
    const channel = makeChannel();
    const reader = await subscribe(channel, { acks: true, slow: "disconnect" });
    let acked = 0;
    reader.socket.addEventListener("message", () => {
      if (size(reader) - acked < ACK_EVERY_BYTES) return;
      acked = size(reader);
      reader.socket.send(`ack ${acked}`);
    });
    for (const n of numbers(1, 3 * MANY)) await channel.publish({ n, LARGE });
    await reader.has(3 * MANY);
    expect(seen(reader)).toEqual(numbers(1, 3 * MANY));
    expect(reader.state.closed).toBeUndefined();
  });

  it("that is never heard of is closed, and one that pings is not", async () => {
    const channel = makeChannel();
    const silent = await subscribe(channel);
    const pinging = await subscribe(channel);
    const count = Math.ceil(MAX_UNHEARD_BYTES / LARGE.length) + 2;
    for (const n of numbers(1, count)) {
      if (n % 20 === 0) {
        pinging.socket.send("ping");
        const pongs = n / 20;
        await waitFor(() => pinging.messages.filter((each) => each === "pong").length >= pongs, {
          what: "the pong",
        });
      }
      await channel.publish({ n, LARGE });
    }
    await waitFor(() => silent.state.closed, { what: "the close" });
    expect(silent.state.closed?.code).toBe(4408);
    await pinging.has(count);
    expect(seen(pinging)).toEqual(numbers(1, count));
  });
});

it("a broadcast reaches every socket and leaves nothing", async () => {
  const channel = makeChannel();
  const [one, all] = await Promise.all([subscribe(channel), subscribe(channel, { batch: true })]);
  const texts = ['{"id":"a","event":"x","data":1}', '{"id":"b","event":"x","data":2}'];
  await channel.stub.broadcast(texts);
  await one.has(2);
  await all.has(2);
  expect([one.messages.length, all.messages.length]).toEqual([3, 2]);
  expect((await channel.stub.history("all", 10)).frames).toEqual([]);
});

describe("sockets of which there may be so many", () => {
  it("one more closes the oldest, also when the object has slept; others stay", async () => {
    const channel = makeChannel();
    const other = await subscribe(channel);
    const limited = [await subscribe(channel, { most: 2 }), await subscribe(channel, { most: 2 })];
    await evictDurableObject(channel.stub);
    limited.push(await subscribe(channel, { most: 2 }), await subscribe(channel, { most: 2 }));
    await waitFor(() => limited[0]?.state.closed && limited[1]?.state.closed, { what: "two ends" });
    const tooMany = { code: 4429, reason: "too_many_sockets" };
    expect([...limited, other].map(({ state }) => state.closed)).toEqual([
      tooMany,
      tooMany,
      undefined,
      undefined,
      undefined,
    ]);
    expect((await channel.stub.describe()).sockets).toBe(3);
  });
});
