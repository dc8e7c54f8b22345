import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deliver } from "../../src/destinations/deliver.ts";
import type { Output } from "../../src/destinations/driver.ts";
import type { DestinationConfig, DestinationKind } from "../../src/destinations/schemas.ts";
import { slackText } from "../../src/destinations/slack-message.ts";
import { eventWith, inputOf } from "./fixtures.ts";

type Emulator = {
  messages: { payload: unknown }[];
  refusals: { why: string }[];
  close: () => Promise<void>;
};
const started: Record<string, Emulator> = {};
const configs: Record<string, DestinationConfig> = {};
const CHAT = -1001234567890;

beforeAll(async () => {
  // Not literals: the emulators are checked with Node's types, this file with the Workers' ones.
  const at = (name: string) => import(/* @vite-ignore */ `../emulators/${name}.ts`);
  const slack = await (await at("slack")).startSlack({ burst: 1000 });
  const discord = await (await at("discord")).startDiscord({ burst: 1000 });
  const telegram = await (await at("telegram")).startTelegram({ burst: 1000 });
  Object.assign(started, { slack, discord, telegram });
  const { token, baseUrl } = telegram;
  Object.assign(configs, {
    slack: { url: slack.url },
    discord: { url: discord.url },
    telegram: { token, baseUrl, chatId: CHAT },
  });
});
afterAll(() => Promise.all(Object.values(started).map((one) => one.close())));
beforeEach(() => {
  for (const { messages, refusals } of Object.values(started)) {
    messages.length = 0;
    refusals.length = 0;
  }
});

const text = (value: string): Output => ({ kind: "text", contentType: "text/plain", text: value });
const json = (value: unknown): Output => ({
  kind: "json",
  contentType: "application/json",
  json: value,
});

async function send(kind: string, output: Output) {
  const event = eventWith("the body");
  const config = configs[kind] as DestinationConfig;
  const result = await deliver(kind as DestinationKind, config, inputOf(event, { output }));
  const { messages = [], refusals = [] } = started[kind] ?? {};
  return { ...result, payload: messages[0]?.payload, refusals, messages };
}

describe("a transform's text is the message, and nothing in it is markup", () => {
  it.each([
    ["slack", { text: "*a* &lt;!channel&gt;", mrkdwn: false, unfurl_links: false }],
    ["discord", { content: "\\*a\\* \\<!channel\\>", allowed_mentions: { parse: [] }, flags: 4 }],
    [
      "telegram",
      { chat_id: CHAT, text: "*a* <!channel>", link_preview_options: { is_disabled: true } },
    ],
  ])("%s", async (kind, payload) => {
    const sent = await send(kind, text("*a* <!channel>"));
    expect([sent.outcome, sent.refusals, sent.payload]).toEqual([{ ok: true }, [], payload]);
  });

  it.each(["slack", "discord", "telegram"])(
    "%s takes an empty and a very long one",
    async (kind) => {
      for (const value of ["", " \n", "<".repeat(50_000), "🪝".repeat(9000)]) {
        const { outcome, refusals } = await send(kind, text(value));
        expect([outcome, refusals]).toEqual([{ ok: true }, []]);
      }
    },
  );

  it("slack's is cut with a mark", () => {
    expect(slackText("x".repeat(4000)).text).toMatch(/^x{3900}\n… 100 more characters$/);
  });
});

describe("a transform's payload is sent as it is", () => {
  it("slack", async () => {
    const payload = {
      text: "fallback",
      blocks: [{ type: "section", text: { type: "mrkdwn", text: "*12,000원*" } }],
    };
    const sent = await send("slack", json(payload));
    expect([sent.outcome, sent.payload]).toEqual([{ ok: true }, payload]);
  });

  it.each<[string, unknown, string]>([
    [
      "too many blocks",
      { text: "x", blocks: Array(51).fill({ type: "divider" }) },
      "invalid_blocks",
    ],
    ["no text", { unfurl_links: false }, "no_text"],
    ["markup that calls everybody", { text: "<!channel>" }, "invalid_payload"],
  ])("slack refuses one with %s, and its answer is on record", async (_, payload, answer) => {
    const { outcome, responseBody } = await send("slack", json(payload));
    expect(outcome).toEqual({ ok: false, retry: false, reason: "rejected" });
    expect(new TextDecoder().decode(responseBody)).toBe(answer);
  });

  it("discord: it calls nobody unless it says who", async () => {
    const none = await send("discord", json({ content: "@everyone" }));
    expect(none.payload).toEqual({ content: "@everyone", allowed_mentions: { parse: [] } });
    const said = { content: "@here", allowed_mentions: { parse: ["everyone"] } };
    await send("discord", json(said));
    expect(none.messages[1]?.payload).toEqual(said);
  });

  it("telegram: to the destination's chat unless it names another", async () => {
    const own = await send("telegram", json({ text: "x", disable_notification: true }));
    expect(own.payload).toEqual({ chat_id: CHAT, text: "x", disable_notification: true });
    await send("telegram", json({ chat_id: "@baton_news", text: "x" }));
    expect(own.messages[1]?.payload).toEqual({ chat_id: "@baton_news", text: "x" });
  });

  it.each(["slack", "discord", "telegram"])(
    "%s: one that is no object is not sent",
    async (kind) => {
      for (const value of ["text", ["a"], null, 5]) {
        const { outcome, messages, refusals } = await send(kind, json(value));
        expect(outcome).toEqual({ ok: false, retry: false, reason: "invalid_payload" });
        expect([messages, refusals]).toEqual([[], []]);
      }
    },
  );
});
