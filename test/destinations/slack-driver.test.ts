import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { DRIVERS, deliver } from "../../src/destinations/deliver.ts";
import { eventWith, inputOf, SETTINGS } from "./fixtures.ts";

type Slack = {
  url: string;
  messages: { payload: Record<string, unknown> }[];
  refusals: { body: string; why: string }[];
  setMode: (mode: string) => void;
  close: () => Promise<void>;
};

let slack: Slack;
beforeAll(async () => {
  // Not a literal: the emulator is checked with Node's types, this file with the Workers' ones.
  const emulator = "../emulators/slack.ts";
  const { startSlack } = await import(/* @vite-ignore */ emulator);
  slack = await startSlack({ burst: 1000 });
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.messages.length = 0;
  slack.refusals.length = 0;
});
afterEach(() => slack.setMode("ok"));

const send = (event = eventWith("hello")) => deliver("slack", { url: slack.url }, inputOf(event));

it("posts the message; what it stores has no secret", async () => {
  const result = await send();
  expect(result.outcome).toEqual({ ok: true });
  expect(result.response?.status).toBe(200);
  expect(new TextDecoder().decode(result.responseBody)).toBe("ok");
  expect(JSON.parse(new TextDecoder().decode(result.requestBody))).toEqual(
    slack.messages[0]?.payload,
  );
  expect(result.request).toMatchObject({
    method: "POST",
    url: slack.url.replace(/[^/]*$/, "********"),
  });
  expect(JSON.stringify(result.request)).not.toContain(slack.url.split("/").at(-1));
});

it.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
  ["mentions and links", "<!channel> <http://evil.example|click> & <@U1>", "text/plain"],
  ["text that looks escaped", "&amp; &lt; &copy;", "text/plain"],
  ["a message field", '{"message":"<b>12,000원</b>"}', "application/json"],
  ["a large object", JSON.stringify({ list: Array(5000).fill("<&> 🪝 ```") }), "application/json"],
  ["a text of escapes", "<".repeat(100_000), "text/plain"],
  ["a text of pairs", "🪝".repeat(50_000), "text/plain"],
  ["a form", "text=%3C%21here%3E", "application/x-www-form-urlencoded"],
  ["an image", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x00]), "image/png"],
  ["half a pair", '"\\ud83e"', "application/json"],
  ["nothing", "", "text/plain"],
  ["blanks", " \n ", "text/plain"],
])("is taken by a strict Slack: %s", async (_, body, contentType) => {
  const event = eventWith(body, {
    contentType,
    path: "/<a>&b",
    senderName: "<script> & Co",
    source: { slug: "s", name: "R&D <team>", preset: "generic" },
  });
  const { outcome } = await send(event);
  expect(slack.refusals).toEqual([]);
  expect(outcome).toEqual({ ok: true });
});

it.each([
  ["archived", { retry: false, reason: "gone", effect: "disable" }],
  ["no_channel", { retry: false, reason: "gone", effect: "disable" }],
  ["prohibited", { retry: false, reason: "rejected", effect: "disable" }],
  ["general_denied", { retry: false, reason: "rejected", effect: "disable" }],
  ["team_disabled", { retry: false, reason: "rejected", effect: "disable" }],
  ["no_user", { retry: false, reason: "rejected" }],
  ["down", { retry: true, reason: "http_status" }],
  ["rate_limited", { retry: true, reason: "rate_limited", retryAfterMs: 2000, uncounted: true }],
  ["not_slack", { retry: false, reason: "rejected" }],
])("in mode %s", async (mode, expected) => {
  slack.setMode(mode);
  expect((await send()).outcome).toMatchObject({ ok: false, ...expected });
});

it("reports a wrong hook, a wrong token and a closed port", async () => {
  const at = (url: string) => deliver("slack", { url }, inputOf(eventWith("x")));
  const { origin } = new URL(slack.url);
  const gone = await at(`${origin}/services/T00000000/B404/x`);
  expect(gone.outcome).toMatchObject({ reason: "gone", effect: "disable" });
  const wrong = await at(slack.url.replace(/[^/]*$/, "wrong"));
  expect(wrong.outcome).toMatchObject({ reason: "rejected", effect: "disable" });
  const closed = await at("http://127.0.0.1:1/services/T/B/x");
  expect(closed.outcome).toEqual({ ok: false, retry: true, reason: "connection_failed" });
});

it("does not call what it may not call, and needs the stored body", async () => {
  const settings = { ...SETTINGS, allowLoopback: false };
  const blocked = await deliver("slack", { url: slack.url }, inputOf(eventWith("x"), { settings }));
  expect(blocked.outcome).toEqual({ ok: false, retry: false, reason: "blocked_url" });
  const missing = await send(eventWith("x", { openBody: async () => null }));
  expect(missing.outcome).toEqual({ ok: false, retry: false, reason: "body_missing" });
  expect(slack.messages).toEqual([]);
});

it("gives a config that is none of its kind back as an outcome", async () => {
  const result = await DRIVERS.slack.deliver({ url: "nonsense" }, inputOf(eventWith("x")));
  expect(result.outcome).toEqual({ ok: false, retry: false, reason: "invalid_config" });
});
