import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { LOG_FRAMES } from "../../src/channels/constants.ts";
import type { Ordered, SocketWish } from "../../src/channels/rpc.ts";
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

let channels = 0;

function makeChannel() {
  const stub = objects.CHANNEL.getByName(`chat:org_test:${channels++}`);
  /** Publishes the numbers from one to another of a key. */
  const tell = (key: string, first: number, last: number, more: Partial<Ordered> = {}) =>
    stub.publish({
      frames: numbers(first, last).map((n) => ({ event: key, data: `"${key}${n}"` })),
      ordered: { key, first, base: 0, ...more },
    });
  const told = async () => {
    const all: unknown[] = [];
    for (let since = "all"; ; ) {
      const { frames, position } = await stub.history(since, 100);
      if (frames.length === 0) return all;
      all.push(...frames.map(({ data }) => JSON.parse(data)));
      since = position;
    }
  };
  return { stub, tell, told };
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const seqOf = (id: string | null | undefined) => Number(id?.split("-")[1]);
const seqsOf = (answer: { ids?: readonly string[] }) => answer.ids?.map(seqOf);

describe("frames that their publisher numbers", () => {
  it("are appended in order, a repeat appends nothing, and an overlap what is new", async () => {
    const { tell, told } = makeChannel();
    const first = await tell("a", 1, 2);
    expect(first).toMatchObject({ kind: "published", isRepeat: false, sockets: 0 });
    expect(seqsOf(first as never)).toEqual([1, 2]);
    expect(await tell("a", 1, 2)).toMatchObject({ kind: "published", ids: [], isRepeat: true });
    const overlap = await tell("a", 2, 4);
    expect([seqsOf(overlap as never), "earlier" in overlap]).toEqual([[3, 4], false]);
    expect(await told()).toEqual(["a1", "a2", "a3", "a4"]);
  });

  it("are refused whole where some are missing before them", async () => {
    const { tell, told } = makeChannel();
    expect(await tell("a", 2, 3)).toEqual({ kind: "missing", from: 1 });
    await tell("a", 1, 1);
    expect(await tell("a", 4, 4)).toEqual({ kind: "missing", from: 2 });
    expect(await told()).toEqual(["a1"]);
    expect(await tell("a", 2, 4)).toMatchObject({ kind: "published" });
    expect(await told()).toEqual(["a1", "a2", "a3", "a4"]);
  });

  it("begin behind their base, which may move on but never back", async () => {
    const { tell, told } = makeChannel();
    expect(await tell("a", 8, 9, { base: 6 })).toEqual({ kind: "missing", from: 7 });
    await tell("a", 6, 8, { base: 6 });
    expect(await told()).toEqual(["a7", "a8"]);
    // Who holds an old base, or a newer one.
    await tell("a", 1, 9, { base: 0 });
    await tell("a", 20, 21, { base: 19 });
    await tell("a", 9, 12, { base: 6 });
    expect(await told()).toEqual(["a7", "a8", "a9", "a20", "a21"]);
  });

  it("have a number for each key of their own, beside frames without one", async () => {
    const { stub, tell, told } = makeChannel();
    await tell("a", 1, 1);
    expect(await tell("b", 2, 2)).toEqual({ kind: "missing", from: 1 });
    await tell("b", 1, 2);
    await stub.publish({ frames: [{ event: "message", data: '"plain"' }] });
    await tell("a", 1, 2);
    expect(await told()).toEqual(["a1", "b1", "b2", "plain", "a2"]);
  });

  it("are told once when publishers race, each of whom fills the holes it is told of", async () => {
    const { tell, told } = makeChannel();
    const publishers = numbers(1, 60).map(async (n) => {
      const answer = await tell("a", n, n);
      if (answer.kind === "missing") await tell("a", answer.from, n);
    });
    await Promise.all(publishers);
    expect(await told()).toEqual(numbers(1, 60).map((n) => `a${n}`));
  });

  it("are known as long as the object's storage: an eviction and a full ring forget no number", async () => {
    const { stub, tell, told } = makeChannel();
    await tell("a", 1, 3);
    await evictDurableObject(stub);
    expect(await tell("a", 1, 3)).toMatchObject({ isRepeat: true });
    expect(await tell("a", 5, 5)).toEqual({ kind: "missing", from: 4 });
    for (let n = 0; n < LOG_FRAMES; n += 100) await tell("b", n + 1, n + 100);
    await evictDurableObject(stub);
    expect(await tell("a", 2, 4)).toMatchObject({ kind: "published", isRepeat: false });
    expect((await told()).slice(-2)).toEqual([`b${LOG_FRAMES}`, "a4"]);
  });

  it("which were told by another publisher are found by their data, where the log still has them", async () => {
    const { tell } = makeChannel();
    await tell("a", 1, 2);
    await tell("b", 1, 1);
    const answer = await tell("a", 2, 3, { findEarlier: true });
    expect(answer).toMatchObject({ kind: "published", isRepeat: false });
    if (answer.kind !== "published") return;
    expect([answer.earlier?.map(seqOf), answer.ids.map(seqOf)]).toEqual([[2], [4]]);
    // The ring goes round, up to before the last one of `a`.
    for (let n = 2; n < LOG_FRAMES; n += 100) await tell("b", n, Math.min(n + 99, LOG_FRAMES - 1));
    const late = await tell("a", 1, 3, { findEarlier: true });
    expect(late).toMatchObject({ earlier: [null, null, expect.any(String)], isRepeat: true });
  });

  it("which are all new are not looked for in the log", async () => {
    const { stub, tell } = makeChannel();
    await tell("a", 1, 100);
    const read = await runInDurableObject(stub, async (object, { storage }) => {
      let rows = 0;
      const exec = storage.sql.exec.bind(storage.sql);
      storage.sql.exec = ((sql: string, ...values: never[]) => {
        const found = exec(sql, ...values);
        const all = found.toArray();
        rows += found.rowsRead;
        return { toArray: () => all, one: () => all[0], [Symbol.iterator]: () => all.values() };
      }) as never;
      const frames = [{ event: "a", data: '"a101"' }];
      const ordered = { key: "a", first: 101, base: 0, findEarlier: true };
      await object.publish({ frames, ordered });
      storage.sql.exec = exec as never;
      return rows;
    });
    expect(read).toBeLessThan(10);
  });

  it("write two rows, the frame's and the number's", async () => {
    const { stub, tell } = makeChannel();
    await tell("a", 1, 1);
    const rows = await runInDurableObject(stub, async (object, { storage }) => {
      let written = 0;
      const exec = storage.sql.exec.bind(storage.sql);
      storage.sql.exec = ((sql: string, ...values: never[]) => {
        const cursor = exec(sql, ...values);
        if (/^INSERT|^DELETE|^UPDATE/.test(sql)) {
          cursor.toArray();
          written += cursor.rowsWritten;
        }
        return cursor;
      }) as never;
      const frames = [{ event: "a", data: '"a2"' }];
      await object.publish({ frames, ordered: { key: "a", first: 2, base: 0 } });
      storage.sql.exec = exec as never;
      return written;
    });
    expect(rows).toBe(2);
  });
});

it("who publishes is told how many subscribe", async () => {
  const { stub, tell } = makeChannel();
  const plain = () => stub.publish({ frames: [{ event: "message", data: "1" }] });
  expect([await plain(), await tell("a", 1, 1)]).toMatchObject([{ sockets: 0 }, { sockets: 0 }]);
  const url = `https://channel/?${toQuery(WISH).toString()}`;
  const socket = (await stub.fetch(url, { headers: { upgrade: "websocket" } })).webSocket;
  const got: string[] = [];
  socket?.addEventListener("message", ({ data }) => void got.push(data as string));
  socket?.accept();
  const once = { key: "k", digest: "d" };
  const repeat = () => stub.publish({ frames: [{ event: "message", data: "2" }], once });
  expect(await tell("a", 2, 2)).toMatchObject({ sockets: 1 });
  expect(await tell("a", 2, 2)).toMatchObject({ sockets: 1, isRepeat: true });
  expect([await repeat(), await repeat()]).toMatchObject([
    { sockets: 1, isRepeat: false },
    { sockets: 1, isRepeat: true },
  ]);
  await waitFor(() => got.length === 3, { what: "what was published meanwhile, once" });
  expect(got.slice(1).map((text) => (JSON.parse(text) as { data: unknown }).data)).toEqual([
    "a2",
    2,
  ]);
  socket?.close(1000);
});
