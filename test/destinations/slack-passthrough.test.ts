import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DRIVERS, deliver } from "../../src/destinations/deliver.ts";
import { readReadable } from "../../src/destinations/readable-body.ts";
import { withSender } from "../../src/destinations/slack-passthrough.ts";
import { readSlackMessage, slackTextOf } from "../../src/slack-message.ts";
import { eventWith, inputOf } from "./fixtures.ts";

type Slack = {
  url: string;
  messages: { payload: Record<string, unknown> }[];
  refusals: { body: string; why: string }[];
  close: () => Promise<void>;
};

let slack: Slack;
beforeAll(async () => {
  // Not a literal: the emulator is checked with Node's types, this file with the Workers' ones.
  const emulator = "../emulators/slack.ts";
  const { startSlack } = await import(/* @vite-ignore */ emulator);
  slack = await startSlack({ burst: 1000, markup: true });
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.messages.length = 0;
  slack.refusals.length = 0;
});

const source = { slug: "chat", name: "Chat", preset: "slack" as const };
const JENKINS = { source, senderName: "jenkins & <co>" };
const BY_JENKINS = "sent by jenkins &amp; &lt;co&gt;";
const utf8 = (text: string) => new Uint8Array(new TextEncoder().encode(text));

async function send(body: string, showSender?: boolean, more = {}) {
  const event = eventWith(body, { ...JENKINS, ...more });
  const { outcome } = await deliver("slack", { url: slack.url, showSender }, inputOf(event));
  expect([outcome, slack.refusals]).toEqual([{ ok: true }, []]);
  return slack.messages[0]?.payload;
}

const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });
const MESSAGES: [string, Record<string, unknown>][] = [
  ["text with markup of its own", { text: "*배포* <https://ci.example/1|#1> <!here> a &amp; b" }],
  [
    "fields that Slack ignores",
    { text: "x", channel: "#ops", username: "ci", icon_emoji: ":x:", thread_ts: "1.000100" },
  ],
  ["blocks", { text: "fallback", blocks: [section("*one*"), { type: "divider" }] }],
  ["attachments", { attachments: [{ fallback: "f", color: "#36a64f", text: "old <@U1>" }] }],
];

describe("a message of a Slack source is delivered as its caller wrote it", () => {
  it.each(MESSAGES)("%s", async (_, message) => {
    expect(await send(JSON.stringify(message))).toEqual(message);
  });

  it("out of the old form, and whatever its content type says", async () => {
    const message = { text: "a=b &amp; <https://x.example|c>", mrkdwn: false };
    const form = `payload=${encodeURIComponent(JSON.stringify(message))}`;
    const contentType = "application/x-www-form-urlencoded";
    expect(await send(form, false, { contentType })).toEqual(message);
  });
});

describe("showSender adds who sent it", () => {
  it("as a line of the text", async () => {
    const message = { text: "done", username: "ci" };
    const sent = await send(JSON.stringify(message), true);
    expect(sent).toEqual({ ...message, text: `done\n${BY_JENKINS}` });
  });

  it("as the last block, and to attachments as a text", async () => {
    const blocks = [section("*one*")];
    const context = {
      type: "context",
      elements: [{ type: "plain_text", text: BY_JENKINS, emoji: false }],
    };
    const sent = await send(JSON.stringify({ text: "fallback", blocks }), true);
    expect(sent).toEqual({ text: "fallback", blocks: [...blocks, context] });
    const attachments = [{ fallback: "f", text: "old" }];
    expect(withSender({ attachments }, "x")).toEqual({ attachments, text: "sent by x" });
  });

  it("below 50 blocks as an attachment", async () => {
    const blocks = Array(50).fill({ type: "divider" });
    const attachments = [{ fallback: BY_JENKINS, text: BY_JENKINS }];
    expect(await send(JSON.stringify({ blocks }), true)).toEqual({ blocks, attachments });
  });

  it("is kept by the config, through masks and patches", () => {
    const config = { url: "https://hooks.slack.com/services/T1/B1/secret", showSender: true };
    const masked = DRIVERS.slack.mask(config);
    expect(masked).toEqual({ ...config, url: "https://hooks.slack.com/services/T1/B1/********" });
    expect(DRIVERS.slack.merge(config, { ...masked, showSender: false })).toEqual({
      ...config,
      showSender: false,
    });
    expect(DRIVERS.slack.parse({ ...config, showSender: "yes" }).success).toBe(false);
  });
});

describe("what is no Slack message becomes one as from any other source", () => {
  it.each([
    ["a body from before the source took Slack messages", "hello", { source }],
    [
      "JSON of a message at another source",
      '{"text":"x"}',
      { source: { ...source, preset: "generic" } },
    ],
  ])("%s", async (_, body, more) => {
    expect(await send(body, true, more)).toMatchObject({
      text: expect.stringContaining("jenkins"),
      blocks: [{ type: "header" }, { type: "section" }, { type: "context" }],
    });
  });

  it("a body in R2 is not read as one", async () => {
    const openBody = async () => new Blob([utf8('{"text":"x"}')]).stream();
    expect(await send('{"text":"x"}', true, { openBody })).toHaveProperty("blocks");
  });
});

describe("what a Slack message says", () => {
  it.each([
    ['{"text":"one","blocks":[{"text":{"text":"two"}}]}', "one"],
    ['{"blocks":[{"type":"header","text":{"type":"plain_text","text":"two"}}]}', "two"],
    ['{"text":" ","attachments":[{"title":"t","fields":[{"title":"k","value":"v"}]}]}', "t\nk\nv"],
    ['{"attachments":[{"fallback":"f"}]}', "f"],
    ["payload=%7B%22text%22%3A%22a+b%22%7D", "a b"],
    ['\uFEFF{"text":"bom"}', "bom"],
    ['{"blocks":[null,1,"x"]}', ""],
  ])("%s", (body, text) => {
    const message = readSlackMessage(utf8(body));
    expect(message && slackTextOf(message)).toBe(text);
  });

  it.each(["", "{", "[]", "null", "payload=", "text=x", "\u0000"])("%j is none", (body) => {
    expect(readSlackMessage(utf8(body))).toBeNull();
  });

  it("and neither is one nested too deep to be walked", () => {
    const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect(readSlackMessage(utf8(deep))).toBeNull();
  });

  it("is what other messengers show, without Slack's escapes", async () => {
    const event = eventWith('payload={"text":"a %26amp; b %26lt;c"}', { source });
    expect(await readReadable(event)).toEqual({ text: "a & b <c", kind: "text", unreadBytes: 0 });
    const blank = eventWith('{"blocks":[{"type":"divider"}]}', { source });
    expect(await readReadable(blank)).toMatchObject({ kind: "code" });
  });
});
