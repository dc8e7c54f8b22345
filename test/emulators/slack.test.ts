import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startSlack } from "./slack.ts";

let slack: Awaited<ReturnType<typeof startSlack>>;
beforeAll(async () => {
  slack = await startSlack({ burst: 1000 });
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.messages.length = 0;
  slack.refusals.length = 0;
});
afterEach(() => slack.setMode("ok"));

async function post(payload: unknown, init: RequestInit & { url?: string } = {}) {
  const answer = await fetch(init.url ?? slack.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof payload === "string" ? payload : JSON.stringify(payload),
    ...init,
  });
  return [answer.status, await answer.text()];
}

const plain = (text: string) => ({ type: "plain_text", text });
const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
const section = (text: string) => ({ type: "section", text: mrkdwn(text) });
const button = (text: string) => ({ type: "button", text: plain(text) });
const times = <T>(n: number, value: T) => Array.from({ length: n }, () => value);

it("takes a message and answers ok as plain text", async () => {
  const payload = { text: "a &amp; b", blocks: [section("*hi* &lt;b&gt;")] };
  const answer = await fetch(slack.url, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(payload),
  });
  expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
  expect(slack.messages.map((message) => message.payload)).toEqual([payload]);
  expect(slack.refusals).toEqual([]);
});

it("takes what is just within the limits", async () => {
  const blocks = [
    { type: "header", text: plain("h".repeat(150)) },
    { type: "divider" },
    section("s".repeat(3000)),
    { type: "section", fields: times(3, plain("f".repeat(2000))) },
    { type: "context", elements: times(10, mrkdwn("c")) },
    { type: "actions", elements: times(25, button("b")), block_id: "i".repeat(255) },
    ...times(44, section("x")),
  ];
  const attachments = times(100, { text: "a" });
  expect(await post({ text: "t", blocks, attachments })).toEqual([200, "ok"]);
});

it("takes a caller's own markup only where it is told to", async () => {
  const payload = { text: "<!here> <https://a.example/?b=1|c> &amp; <@U1>" };
  expect(await post(payload)).toEqual([400, "invalid_payload"]);
  const lenient = await startSlack({ burst: 1000, markup: true });
  expect(await post(payload, { url: lenient.url })).toEqual([200, "ok"]);
  expect(lenient.messages[0]?.payload).toEqual(payload);
  for (const text of ["a < b", "a & b", "<script>"]) {
    expect(await post({ text }, { url: lenient.url })).toEqual([400, "invalid_payload"]);
  }
  await lenient.close();
});

it.each([
  [{ attachments: [{ fallback: "f" }] }, 200, "ok"],
  [{ attachments: [] }, 400, "invalid_payload"],
  [{ attachments: "f" }, 400, "invalid_payload"],
  [{ attachments: times(101, { text: "f" }) }, 400, "too_many_attachments"],
  [{ attachments: [{ color: "good" }] }, 400, "missing_text_or_fallback_or_attachments"],
])("attachments %j: %d %s", async (payload, status, word) => {
  expect(await post(payload)).toEqual([status, word]);
});

describe("the hook", () => {
  it.each([
    ["/", 404, "no_service"],
    ["/services/T00000000/B99999999/XXXXXXXXXXXXXXXXXXXXXXXX", 404, "no_service"],
    ["/services/T00000000/B00000000", 404, "no_service"],
    ["/services/T00000000/B00000000/wrong", 403, "invalid_token"],
  ])("%s → %d %s", async (path, status, body) => {
    expect(await post({ text: "x" }, { url: new URL(path, slack.url).href })).toEqual([
      status,
      body,
    ]);
  });

  it.each(["PUT", "DELETE"])("takes no %s", async (method) => {
    expect(await post({ text: "x" }, { method })).toEqual([405, "method_not_allowed"]);
  });
});

describe("the payload", () => {
  it.each(["text/plain", "application/x-www-form-urlencoded", "application/xml"])(
    "is not %s",
    async (type) => {
      const headers = { "content-type": type };
      expect(await post({ text: "x" }, { headers })).toEqual([400, "invalid_payload"]);
    },
  );

  it.each(["", "{", "[]", "null", '"x"', '{"text":5}'])("is not %j", async (body) => {
    expect(await post(body)).toEqual([400, "invalid_payload"]);
  });

  it.each([{}, { text: "" }, { blocks: undefined }])("has a text: %j", async (payload) => {
    expect(await post(payload)).toEqual([400, "no_text"]);
  });

  it.each(["<!channel>", "<http://evil.example|click>", "a < b", "a > b", "R&D", "&quot;", "&amp"])(
    "is escaped: %s",
    async (text) => {
      expect(await post({ text })).toEqual([400, "invalid_payload"]);
      expect(await post({ text: "t", blocks: [section(text)] })).toEqual([400, "invalid_payload"]);
      const header = { type: "header", text: plain(text) };
      expect(await post({ text: "t", blocks: [header] })).toEqual([400, "invalid_payload"]);
    },
  );

  it.each<[string, unknown]>([
    ["no blocks", []],
    ["no list", { type: "section" }],
    ["51 blocks", times(51, section("x"))],
    ["an empty text", [section("")]],
    ["a section of 3001", [section("x".repeat(3001))]],
    ["a section without text", [{ type: "section" }]],
    ["a section whose text is a string", [{ type: "section", text: "x" }]],
    ["11 fields", [{ type: "section", fields: times(11, mrkdwn("x")) }]],
    ["a field of 2001", [{ type: "section", fields: [mrkdwn("x".repeat(2001))] }]],
    ["a header of 151", [{ type: "header", text: plain("x".repeat(151)) }]],
    ["a header in mrkdwn", [{ type: "header", text: mrkdwn("x") }]],
    ["11 elements", [{ type: "context", elements: times(11, mrkdwn("x")) }]],
    ["no elements", [{ type: "context", elements: [] }]],
    ["a button of 76", [{ type: "actions", elements: [button("x".repeat(76))] }]],
    [
      "a button in mrkdwn",
      [{ type: "actions", elements: [{ type: "button", text: mrkdwn("x") }] }],
    ],
    ["26 buttons", [{ type: "actions", elements: times(26, button("x")) }]],
    ["no buttons", [{ type: "actions", elements: [] }]],
    ["a block_id of 256", [{ ...section("x"), block_id: "x".repeat(256) }]],
    ["an unknown block", [{ type: "banner", text: plain("x") }]],
    ["an unknown text type", [{ type: "section", text: { type: "html", text: "x" } }]],
  ])("has no invalid blocks: %s", async (_, blocks) => {
    expect(await post({ text: "t", blocks })).toEqual([400, "invalid_blocks"]);
  });

  it("has at most 100 attachments", async () => {
    expect(await post({ attachments: times(101, {}) })).toEqual([400, "too_many_attachments"]);
    expect(await post({ attachments: [{ text: "<!here>" }] })).toEqual([400, "invalid_payload"]);
  });

  it.each(["channel", "username", "icon_emoji", "icon_url", "link_names"])(
    "does not say %s: that is the hook's",
    async (name) => {
      expect(await post({ text: "x", [name]: "#general" })).toEqual([400, "invalid_payload"]);
    },
  );

  it("has at most 13,000 characters in its blocks", async () => {
    const blocks = times(5, section("x".repeat(2601)));
    expect(await post({ text: "t", blocks })).toEqual([400, "msg_blocks_too_long"]);
  });
});

it("takes a short burst and then a message a second", async () => {
  const strict = await startSlack({ burst: 2 });
  const statuses: unknown[] = [];
  for (let i = 0; i < 3; i++) statuses.push((await post({ text: "x" }, { url: strict.url }))[0]);
  const limited = await fetch(strict.url, { method: "POST", body: "{}" });
  expect(statuses).toEqual([200, 200, 429]);
  expect(limited.headers.get("retry-after")).toBe("1");
  expect(strict.messages).toHaveLength(2);
  expect(strict.refusals.map((refusal) => refusal.status)).toEqual([429, 429]);
  await strict.close();
});

it.each([
  ["archived", 410, "channel_is_archived"],
  ["no_channel", 404, "channel_not_found"],
  ["prohibited", 403, "action_prohibited"],
  ["general_denied", 403, "posting_to_general_channel_denied"],
  ["team_disabled", 403, "team_disabled"],
  ["no_user", 400, "user_not_found"],
  ["down", 500, "rollup_error"],
  ["rate_limited", 429, "rate_limited"],
  ["not_slack", 200, "<html>Log in</html>"],
] as const)("in mode %s answers %d", async (mode, status, body) => {
  slack.setMode(mode);
  expect(await post({ text: "x" })).toEqual([status, body]);
  expect(slack.messages).toEqual([]);
});
