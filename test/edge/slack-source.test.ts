import { beforeAll, describe, expect, it } from "vitest";
import {
  count,
  edgeEnv,
  everythingKept,
  makeSender,
  makeSource,
  send,
  sendWith,
  storedEvent,
} from "./support.ts";

const SECRET = "XXXXsecretXXXXofXXXXhook";
const HOOK = `/services/T024BE7LD/B024BE7LH/${SECRET}`;
const MASKED = "/services/T024BE7LD/B024BE7LH/********";
const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";

beforeAll(async () => {
  await makeSource("chat", { preset: "slack" });
});

function post(body: BodyInit, contentType = JSON_TYPE, more: Record<string, string> = {}) {
  return { method: "POST", headers: { "content-type": contentType, ...more }, body };
}

async function lastStray() {
  const row = await edgeEnv.EVENTS_0.prepare(
    "SELECT path, query, headers, reason, organization_id, size, body FROM strays ORDER BY id DESC LIMIT 1",
  ).first<{ path: string; reason: string; size: number; body: ArrayBuffer | null }>();
  return { ...row, body: row?.body ? new TextDecoder().decode(new Uint8Array(row.body)) : null };
}

async function answerOf(response: Response) {
  expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  return [response.status, await response.text()];
}

describe("a message is answered with Slack's `ok` and stored as it was sent", () => {
  it.each([
    ["JSON", '{"text":"배포 완료"}', JSON_TYPE],
    ["JSON that is labelled a form, as `curl -d` does", '{"text":"a=b&c"}', FORM_TYPE],
    ["JSON without a label", '\uFEFF {"text":"x"}', ""],
    ["the old form", `payload=${encodeURIComponent('{"text":"a & b"}')}`, FORM_TYPE],
    ["blocks alone", '{"blocks":[{"type":"divider"}]}', JSON_TYPE],
    ["attachments alone", '{"attachments":[{"fallback":"x"}],"username":"ci"}', JSON_TYPE],
  ])("%s", async (_, body, contentType) => {
    const bytes = new TextEncoder().encode(body);
    const response = await send(`http://chat.localhost${HOOK}?a=1`, post(bytes, contentType));
    const event = await storedEvent(response);
    expect(await answerOf(response)).toEqual([200, "ok"]);
    expect(new Uint8Array(event.body ?? new ArrayBuffer(0))).toEqual(bytes);
    expect([event.path, event.query, event.status]).toEqual([MASKED, "a=1", "stored"]);
  });

  it.each(["/in/chat", ""])("at a path below %j, with a slash at the end", async (prefix) => {
    const host = prefix ? "localhost" : "chat.localhost";
    const response = await send(`http://${host}${prefix}${HOOK}/`, post('{"text":"x"}'));
    expect((await storedEvent(response)).path).toBe(`${MASKED}/`);
  });

  it("the same message twice, where the source has dedup", async () => {
    const dedup = { from: "body", windowSeconds: 60 };
    await makeSource("chat-once", { preset: "slack", dedup });
    const call = () => send(`http://chat-once.localhost${HOOK}`, post('{"text":"once"}'));
    const [first, second] = [await call(), await call()];
    expect([await first.text(), await second.text()]).toEqual(["ok", "ok"]);
    const idOf = (response: Response) => response.headers.get("x-baton-event-id");
    expect(idOf(second)).toBe(idOf(first));
    expect(second.headers.get("x-baton-duplicate")).toBe("true");
  });

  it("or with the source's own answer", async () => {
    const response = { status: 201, headers: {}, body: "taken" };
    await makeSource("chat-own", { preset: "slack", response });
    const answer = await send(`http://chat-own.localhost${HOOK}`, post('{"text":"x"}'));
    expect([answer.status, await answer.text()]).toEqual([201, "taken"]);
  });
});

describe("what Slack refuses is refused in its words, and kept as a stray", () => {
  const blocks = (count: number) => JSON.stringify({ blocks: Array(count).fill({}) });

  it.each([
    ["no JSON", "hello", 400, "invalid_payload"],
    ["broken JSON", '{"text":', 400, "invalid_payload"],
    ["a list", '["text"]', 400, "invalid_payload"],
    ["nothing", "", 400, "invalid_payload"],
    ["a form without `payload`", "text=hello", 400, "invalid_payload"],
    ["a form with broken JSON", "payload=%7B", 400, "invalid_payload"],
    ["text that is none", '{"text":{"a":1}}', 400, "invalid_payload"],
    [
      "too deep a nest",
      `{"blocks":${"[".repeat(5000)}${"]".repeat(5000)}}`,
      400,
      "invalid_payload",
    ],
    ["no text", '{"channel":"#ops"}', 400, "no_text"],
    ["empty text", '{"text":"","blocks":[]}', 400, "no_text"],
    ["blocks that are no list", '{"text":"x","blocks":"y"}', 400, "invalid_blocks"],
    ["51 blocks", blocks(51), 400, "invalid_blocks"],
    ["101 attachments", blocks(101).replace("blocks", "attachments"), 400, "too_many_attachments"],
  ])("%s: %3$d %4$s", async (_, body, status, word) => {
    const events = await count("events");
    const response = await send(`http://chat.localhost${HOOK}`, post(body));
    expect(await answerOf(response)).toEqual([status, word]);
    expect(response.headers.get("x-baton-detail")).toMatch(/^[\x20-\x7e]{10,}$/);
    expect(response.headers.get("x-baton-event-id")).toBeNull();
    expect(await count("events")).toBe(events);
    expect(await lastStray()).toMatchObject({
      path: MASKED,
      reason: "invalid_payload",
      organization_id: "org_test",
      body: body === "" ? null : body,
    });
  });

  it("50 blocks are not too many, and bytes that are no UTF-8 are no payload", async () => {
    const taken = await send(`http://chat.localhost${HOOK}`, post(blocks(50)));
    expect(taken.status).toBe(200);
    const korean = new Uint8Array([
      ...new TextEncoder().encode('{"text":"'),
      0xbd,
      0xc2,
      0x22,
      0x7d,
    ]);
    const refused = await send(`http://chat.localhost${HOOK}`, post(korean));
    expect(await answerOf(refused)).toEqual([400, "invalid_payload"]);
  });

  it.each([
    ["POST", "/"],
    ["POST", "/services/T024BE7LD/B024BE7LH"],
    ["POST", `${HOOK}/more-secret`],
    ["POST", `/services/X1/B1/${SECRET}`],
    ["POST", `/workflows/T1/A1/123/${SECRET}`],
  ])("%s %s: 404 no_service, and no secret in the stray", async (method, path) => {
    const response = await send(`http://chat.localhost${path}`, { method, body: '{"text":"x"}' });
    expect(await answerOf(response)).toEqual([404, "no_service"]);
    const stray = await lastStray();
    expect(stray).toMatchObject({ reason: "unexpected_request", body: '{"text":"x"}' });
    expect(JSON.stringify(stray)).not.toMatch(/secret/);
  });

  it("GET of a hook, as a browser does: 400 invalid_payload", async () => {
    const response = await send(`http://chat.localhost${HOOK}`);
    expect(await answerOf(response)).toEqual([400, "invalid_payload"]);
    expect((await lastStray()).path).toBe(MASKED);
  });

  it.each([
    ["with a length", (bytes: Uint8Array<ArrayBuffer>) => bytes],
    ["without one", (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]).stream()],
  ])("over 256 KiB %s: 413, and nothing stays but a stray's start", async (_, bodyOf) => {
    const text = `{"text":"${"x".repeat(256 * 1024)}"}`;
    const body = bodyOf(new Uint8Array(new TextEncoder().encode(text)));
    const before = (await edgeEnv.BODIES.list()).objects.length;
    const response = await send(`http://chat.localhost${HOOK}`, post(body));
    expect(await answerOf(response)).toEqual([413, "payload_too_large"]);
    const stray = await lastStray();
    expect([stray.size, stray.body?.length]).toEqual([text.length, 65_536]);
    expect((await edgeEnv.BODIES.list()).objects.length).toBe(before);
  });

  it("a database that is down: 503 with Retry-After, and no `ok`", async () => {
    const failing = {
      prepare: () => {
        throw new Error("D1 is down");
      },
    } as unknown as D1Database;
    const init = post('{"text":"x"}');
    const response = await sendWith({ EVENTS_0: failing }, `http://chat.localhost${HOOK}`, init);
    expect(await answerOf(response)).toEqual([503, "service_unavailable"]);
    expect(response.headers.get("retry-after")).toBe("5");
  });
});

describe("who sends", () => {
  it("is told by the hook's own secret, once it is registered", async () => {
    const id = await makeSource("chat-known", { preset: "slack" });
    const senderId = await makeSender(id, SECRET, { name: "jenkins", own: true });
    const event = await storedEvent(
      await send(`http://chat-known.localhost${HOOK}`, post('{"text":"x"}')),
    );
    expect(event).toMatchObject({
      sender_id: senderId,
      sender_name: "jenkins",
      sender_by: "key",
      path: MASKED,
    });
    const other = await storedEvent(
      await send(
        "http://chat-known.localhost/services/T1/B1/another",
        post('{"text":"x"}', JSON_TYPE, { "user-agent": "cron/1" }),
      ),
    );
    expect([other.sender_id, other.sender_name, other.path]).toEqual([
      null,
      "cron/1 @ unknown",
      "/services/T1/B1/********",
    ]);
  });

  it("is told by a key of ours, in the hook's path or anywhere else, and the secret is masked", async () => {
    const id = await makeSource("chat-keys", { preset: "slack" });
    const key = "bts_0123456789abcdef0123456789abcdef";
    const senderId = await makeSender(id, key, { name: "billing" });
    const base = "http://chat-keys.localhost";
    const init = (headers = {}) => post('{"text":"x"}', JSON_TYPE, headers);
    const calls = [
      send(`${base}/services/T1/B1/${key}`, init()),
      send(`${base}/~${key}/services/T1/B1/${SECRET}`, init()),
      send(`${base}/services/T1/B1/${SECRET}?sender=${key}`, init()),
      send(`${base}/services/T1/B1/${SECRET}`, init({ "x-baton-sender": key })),
    ];
    for (const response of await Promise.all(calls)) {
      const event = await storedEvent(response);
      expect([event.sender_id, event.path, event.query]).toEqual([
        senderId,
        "/services/T1/B1/********",
        "",
      ]);
      expect(event.headers).not.toContain(key);
    }
  });

  it.each([
    ["blocked", { state: "blocked" as const }, HOOK],
    ["gone, with a key of ours", {}, "/services/T1/B1/bts_0123456789abcdef0123456789abcdef"],
  ])("when it is %s: 401 invalid_token", async (name, more, path) => {
    const slug = `chat-${name.slice(0, 4)}`;
    const id = await makeSource(slug, { preset: "slack" });
    await makeSender(id, SECRET, { own: true, ...more });
    const response = await send(`http://${slug}.localhost${path}`, post('{"text":"x"}'));
    expect(await answerOf(response)).toEqual([401, "invalid_token"]);
    expect(await count("events", `source_id = '${id}'`)).toBe(0);
  });

  it("must be registered where the source asks for it, and a muted one gets its `ok`", async () => {
    await makeSource("chat-strict", { preset: "slack", requireSender: true });
    const url = `http://chat-strict.localhost${HOOK}`;
    expect(await answerOf(await send(url, post('{"text":"x"}')))).toEqual([401, "invalid_token"]);
    expect(await lastStray()).toMatchObject({ path: MASKED, reason: "sender_required" });
    const id = await makeSource("chat-muted", { preset: "slack" });
    await makeSender(id, SECRET, { own: true, state: "muted" });
    const muted = await send(`http://chat-muted.localhost${HOOK}`, post('{"text":"x"}'));
    expect((await storedEvent(muted)).status).toBe("muted");
    expect(await muted.text()).toBe("ok");
  });

  it("a hook's secret stays out of strays of sources that are asleep or unknown", async () => {
    await makeSource("chat-asleep", { preset: "slack", enabled: false });
    for (const slug of ["chat-asleep", "chat-nobody"]) {
      const response = await send(`http://${slug}.localhost${HOOK}`, post('{"text":"x"}'));
      expect([response.status, (await response.text()).includes(SECRET)]).toEqual([404, false]);
      expect((await lastStray()).path).toBe(MASKED);
    }
  });
});

it("no row has a hook's secret, whatever became of the request", async () => {
  const kept = await everythingKept();
  expect(kept).toContain(MASKED);
  expect(kept).not.toContain(SECRET);
});
