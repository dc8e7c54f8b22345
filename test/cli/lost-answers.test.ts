import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { answerJson, baton, serve } from "./support.ts";

/*
 * A connection can end after the server did what it was asked and before it said so. What only reads is asked again; what
 * creates too, with one `Idempotency-Key`, so that one thing is made; what changes is not.
 */

const KEY = "bt_key";
const SOURCE = "src_00000000000000000000000000";

/** Ends the first `lost` connections without an answer; `keys` are the Idempotency-Keys of all requests. */
async function losing(lost: number, answer: (response: ServerResponse) => void) {
  const keys: (string | undefined)[] = [];
  const { url } = await serve((request: IncomingMessage, response) => {
    keys.push(request.headers["idempotency-key"]?.toString());
    request.resume().on("end", () => {
      if (keys.length <= lost) request.socket.destroy();
      else answer(response);
    });
  });
  // Before the command: a destination has a `--url` of its own.
  return { keys, words: (...said: string[]) => ["--url", url, "--key", KEY, ...said] };
}

const created = (response: ServerResponse) =>
  answerJson(response, 201, { id: SOURCE, deliveries: [] });

describe.each([
  ["sources", ["sources", "create", "--slug", "demo"]],
  ["senders", ["senders", "create", SOURCE, "--name", "kim"]],
  ["rules", ["rules", "create", "--name", "all"]],
  ["destinations", ["destinations", "create", "--name", "books"]],
  ["keys", ["keys", "create", "--name", "ci"]],
  ["replays", ["events", "replay", "evt_1"]],
])("%s", (_, create) => {
  test("are made once when an answer is lost: all tries have one key, another command another", async () => {
    const { keys, words } = await losing(1, created);
    expect(await baton(words(...create))).toMatchObject({ code: 0, err: "" });
    expect(await baton(words(...create))).toMatchObject({ code: 0, err: "" });
    expect(keys).toHaveLength(3);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test("take a key of a script's own", async () => {
    const { keys, words } = await losing(0, created);
    await baton(words(...create, "--idempotency-key", "job-17"));
    expect(keys).toEqual(["job-17"]);
  });
});

test("when no answer comes at all, the error says how to be sure", async () => {
  const { keys, words } = await losing(9, created);
  const ran = await baton(words("sources", "create", "--slug", "demo"));
  expect(ran).toMatchObject({ code: EXIT.unavailable, out: "" });
  expect(new Set(keys).size).toBe(1);
  expect(ran.err).toMatch(/^baton: [^\n]+\n$/);
  expect(ran.err).toContain(`--idempotency-key ${keys[0]}`);
});

test.each([502, 524])("a gateway's %i is a lost answer too", async (status) => {
  let calls = 0;
  const { url } = await serve((_, response) => {
    calls++;
    if (calls === 1) response.writeHead(status).end("<html>");
    else created(response);
  });
  const ran = await baton(["sources", "create", "--url", url, "--key", KEY]);
  expect([ran.code, calls]).toEqual([0, 2]);
});

test("a list goes on where its connection ended", async () => {
  let lost = false;
  const { url, requests } = await serve((request, response) => {
    if (!request.url?.includes("cursor=")) {
      return answerJson(response, 200, { data: [{ id: "src_1" }], nextCursor: "c" });
    }
    if (lost) return answerJson(response, 200, { data: [{ id: "src_2" }], nextCursor: null });
    lost = true;
    response.writeHead(200, { "content-length": "100" }).write("{");
    setImmediate(() => response.destroy());
  });
  const ran = await baton(["sources", "ls", "--all", "--json", "--url", url, "--key", KEY]);
  expect(ran).toMatchObject({ code: 0, err: "" });
  expect(JSON.parse(ran.out)).toEqual([{ id: "src_1" }, { id: "src_2" }]);
  expect(requests).toHaveLength(3);
});

test.each([
  [["sources", "update", SOURCE, "--name", "x"]],
  [["sources", "rm", SOURCE, "--yes"]],
  [["deliveries", "retry", "dlv_1"]],
])("what changes something is asked for once: %j", async (said) => {
  const { keys, words } = await losing(9, created);
  const ran = await baton(words(...said));
  expect(ran).toMatchObject({ code: EXIT.unavailable, out: "" });
  expect(keys).toEqual([undefined]);
});

test("a refusal is an answer: nothing is asked again", async () => {
  const { keys, words } = await losing(0, (response) =>
    answerJson(response, 503, { title: "Unavailable", detail: "Not now." }),
  );
  const ran = await baton(words("sources", "create"));
  expect(ran).toEqual({ code: EXIT.unavailable, out: "", err: "baton: Not now. (503)\n" });
  expect(keys).toHaveLength(1);
});

test("stopped by a signal before it asks again", async () => {
  const controller = new AbortController();
  const { url } = await serve((request) => {
    request.socket.destroy();
    controller.abort();
  });
  const words = ["sources", "ls", "--url", url, "--key", KEY];
  const ran = await baton(words, { signal: controller.signal });
  expect(ran).toEqual({ code: EXIT.interrupted, out: "", err: "baton: Stopped.\n" });
});

test("send --wait says what was stored, also when the waiting fails", async () => {
  const source = { id: "src_1", slug: "demo", name: "demo", url: "http://demo.localhost:1" };
  const { url } = await serve((request, response) => {
    if (request.url?.startsWith("/in/demo")) {
      response.writeHead(202, { "x-baton-event-id": "evt_1" }).end("{}");
    } else if (request.url?.startsWith("/api/v1/sources")) {
      answerJson(response, 200, { data: [source], nextCursor: null });
    } else {
      answerJson(response, 503, { title: "Unavailable", detail: "Not now." });
    }
  });
  const words = ["send", "demo", "-d", "x", "--wait", "--url", url, "--key", KEY];
  const plain = await baton(words);
  expect(plain).toEqual({
    code: EXIT.unavailable,
    out: "202 evt_1\n",
    err: "baton: Not now. (503)\n",
  });
  const json = await baton([...words, "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({ id: "evt_1", status: 202 });
});
