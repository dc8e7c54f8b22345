import { describe, expect, it } from "vitest";
import { indentJson } from "../../src/destinations/indent-json.ts";
import { readable, readReadable } from "../../src/destinations/readable-body.ts";
import { slackOutcome } from "../../src/destinations/slack.ts";
import { slackMessage } from "../../src/destinations/slack-message.ts";
import { escapeTo, split } from "../../src/destinations/slack-text.ts";
import { eventWith } from "./fixtures.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const shown = (text: string, contentType: string | null = "application/json") =>
  readable(utf8(text), { contentType, size: utf8(text).length }, 0);

describe("the text of a body", () => {
  it.each(["message", "text", "content", "body", "msg", "sms"])("is the field %s", (field) => {
    const body = JSON.stringify({ id: 1, [field]: "안녕 <b>" });
    expect(shown(body)).toMatchObject({ kind: "text", text: "안녕 <b>" });
  });

  it.each([
    ['{"message":"a","text":"b"}'],
    ['{"message":5}'],
    ['{"message":"  "}'],
    ['["a"]'],
    ['{"other":"a"}'],
    ['{"__proto__":{"message":"a"}}'],
  ])("is the laid-out JSON of %s", (body) => {
    expect(shown(body)).toMatchObject({ kind: "code", text: indentJson(body) });
  });

  it.each([
    ['"quoted \\" text"', 'quoted " text'],
    ["{broken", "{broken"],
    ["12345678901234567890", "12345678901234567890"],
    ["신한카드 8*1*", "신한카드 8*1*"],
    [`${"[".repeat(5000)}${"]".repeat(5000)}`, `${"[".repeat(5000)}${"]".repeat(5000)}`],
  ])("is the text itself of %.30s", (body, text) => {
    expect(shown(body)).toMatchObject({ kind: "text", text });
  });

  it("is a form's message, or its fields", () => {
    const type = "application/x-www-form-urlencoded; charset=utf-8";
    expect(shown("from=010&text=%EC%8A%B9%EC%9D%B8+1", type).text).toBe("승인 1");
    expect(shown("a=1&b=%26", type).text).toBe("a: 1\nb: &");
  });

  it("is decoded by its charset", () => {
    const bytes = new Uint8Array([0xbd, 0xc2, 0xc0, 0xce]);
    const type = "text/plain; charset=EUC-KR";
    expect(readable(bytes, { contentType: type, size: 4 }, 0).text).toBe("승인");
  });

  it.each([
    [new Uint8Array([0xff, 0xfe, 0x00]), "image/png", "(3 bytes, image/png)"],
    [new Uint8Array([0x61, 0x00, 0x62]), null, "(3 bytes, no content type)"],
    [utf8("x"), "text/plain; charset=klingon", "(1 bytes, text/plain; charset=klingon)"],
    [utf8(" \n"), "text/plain", "(blank body)"],
  ])("is a note for what is no text", (bytes, contentType, text) => {
    expect(readable(bytes, { contentType, size: bytes.length }, 0)).toMatchObject({
      kind: "note",
      text,
    });
  });

  it("is the start of a stream, cut between characters", async () => {
    const bytes = utf8("가".repeat(40_000));
    const openBody = async () => new Blob([bytes]).stream() as ReadableStream<Uint8Array>;
    const read = await readReadable(eventWith("", { size: bytes.length, openBody }));
    expect(read?.text).toBe("가".repeat(Math.floor((64 * 1024) / 3)));
    expect(read?.unreadBytes).toBe(bytes.length - 64 * 1024);
  });

  it("is null when the stored body is gone, and a note when there was none", async () => {
    expect(await readReadable(eventWith("x", { openBody: async () => null }))).toBeNull();
    expect((await readReadable(eventWith("")))?.text).toBe("(empty body)");
  });
});

it("lays JSON out without changing a value", () => {
  const json = '{"n":12345678901234567890,"n":1.50,"e":{},"l":[ ],"a":[1,{"b":"x, {y}: \\"z\\""}]}';
  expect(indentJson(json)).toBe(
    `{
  "n": 12345678901234567890,
  "n": 1.50,
  "e": {},
  "l": [],
  "a": [
    1,
    {
      "b": "x, {y}: \\"z\\""
    }
  ]
}`,
  );
  const deep = `${"[".repeat(60)}{"a":[[],{}]}${"]".repeat(60)}`;
  expect(JSON.stringify(JSON.parse(indentJson(deep)))).toBe(deep);
});

describe("escaping and cutting", () => {
  it("escapes these three only", () => {
    expect(escapeTo(`<!channel> & "it's" *b* &amp;`, 100)).toBe(
      `&lt;!channel&gt; &amp; "it's" *b* &amp;amp;`,
    );
  });

  it.each([5, 6, 7, 8, 9, 10])("never cuts inside an escape or a pair at %d", (max) => {
    for (const text of ["ab<c>d&e", "🪝🪝🪝🪝🪝🪝", "<><><><>", "a🪝<b"]) {
      const cut = escapeTo(text, max);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(cut.isWellFormed()).toBe(true);
      expect(cut.replace(/&(amp|lt|gt);/g, "")).not.toContain("&");
    }
  });

  it("splits without losing a character and counts what does not fit", () => {
    const text = "a<🪝&".repeat(50);
    const whole = split(text, 30, 1000);
    const back = whole.parts.join("").replaceAll("&lt;", "<").replaceAll("&amp;", "&");
    expect(back).toBe(text);
    expect(whole.rest).toBe(0);
    const cut = split("x".repeat(100), 10, 3);
    expect(cut).toEqual({ parts: ["x".repeat(10), "x".repeat(10), "x".repeat(10)], rest: 70 });
  });

  it("replaces a lone surrogate, which UTF-8 cannot hold", () => {
    expect(escapeTo("a\ud83e", 10)).toBe("a\ufffd");
  });
});

describe("the message", () => {
  it("says who, what and when", () => {
    const message = slackMessage(eventWith("hi"), shown("hi", "text/plain"));
    expect(message).toEqual({
      text: "Demo · POST /orders/1 · curl/8 @ 192.0.2.1\nhi",
      blocks: [
        {
          type: "header",
          text: {
            type: "plain_text",
            text: "Demo · POST /orders/1 · curl/8 @ 192.0.2.1",
            emoji: false,
          },
        },
        { type: "section", text: { type: "plain_text", text: "hi", emoji: false } },
        {
          type: "context",
          elements: [
            { type: "mrkdwn", text: "2026-11-21 09:30:05 UTC · evt_01k9zzzzzzzzzzzzzzzzzzzzzz" },
          ],
        },
      ],
      unfurl_links: false,
    });
  });

  it("fences JSON", () => {
    const { blocks } = slackMessage(eventWith("x"), shown('{"a":"<"}'));
    const text = '```\n{\n  "a": "&lt;"\n}\n```';
    expect(blocks[1]).toEqual({ type: "section", text: { type: "mrkdwn", text } });
  });

  it.each([
    ["x".repeat(200_000), "text/plain", "… 188,000 more characters"],
    ["<&>".repeat(20_000), "text/plain", " more characters"],
    [JSON.stringify({ list: "<".repeat(60_000) }), "application/json", " more characters"],
    ["🪝".repeat(50_000), "text/plain", "… 44,000 more characters"],
  ])("keeps to Slack's limits: %.10s", (text, type, mark) => {
    const event = eventWith(text, {
      path: `/${"<p>".repeat(2000)}`,
      senderName: "&".repeat(500),
      source: { slug: "s", name: "<".repeat(100), preset: "generic" },
    });
    const message = slackMessage(event, shown(text, type));
    const texts = message.blocks.flatMap((block) =>
      "text" in block ? [block.text.text] : block.elements.map((element) => element.text),
    );
    expect(message.blocks.length).toBeLessThanOrEqual(50);
    expect(message.text.length).toBeLessThan(4000);
    expect(texts[0]?.length).toBeLessThanOrEqual(150);
    expect(Math.max(...texts.map((t) => t.length))).toBeLessThanOrEqual(3000);
    expect(texts.join("").length).toBeLessThanOrEqual(13_000);
    expect(texts.some((t) => t.startsWith("… ") && t.endsWith(mark))).toBe(true);
  });
});

describe("what Slack's answer means", () => {
  it.each([
    [200, "ok", { ok: true }],
    [200, "<html>", { ok: false, retry: false, reason: "rejected" }],
    [302, "", { ok: false, retry: true, reason: "redirect" }],
    [400, "invalid_payload", { ok: false, retry: false, reason: "rejected" }],
    [401, "", { ok: false, retry: false, reason: "rejected", effect: "disable" }],
    [403, "invalid_token", { ok: false, retry: false, reason: "rejected", effect: "disable" }],
    [404, "no_service", { ok: false, retry: false, reason: "gone", effect: "disable" }],
    [410, "channel_is_archived", { ok: false, retry: false, reason: "gone", effect: "disable" }],
    [413, "", { ok: false, retry: false, reason: "rejected" }],
    [500, "rollup_error", { ok: false, retry: true, reason: "http_status" }],
    [503, "", { ok: false, retry: true, reason: "http_status" }],
  ])("%d %s", (status, body, outcome) => {
    expect(slackOutcome(status, null, body)).toEqual(outcome);
  });

  it.each([
    ["30", 30_000],
    [null, 1000],
  ])("429 with Retry-After %s pauses the destination and does not count", (value, waitMs) => {
    expect(slackOutcome(429, value, "")).toEqual({
      ok: false,
      retry: true,
      reason: "rate_limited",
      retryAfterMs: waitMs,
      uncounted: true,
      effect: "pause",
    });
  });
});
