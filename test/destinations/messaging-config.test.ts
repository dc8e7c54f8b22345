import { describe, expect, it } from "vitest";
import { patchConfig } from "../../src/destinations/config.ts";
import { DRIVERS, defaultSchedule, readersOf } from "../../src/destinations/deliver.ts";
import { MESSAGING_SCHEDULE } from "../../src/destinations/schedules.ts";
import { CreateDestination, DestinationKind } from "../../src/destinations/schemas.ts";
import { BatonError } from "../../src/errors.ts";
import { SETTINGS } from "./fixtures.ts";

const TOKEN = `110201543:${"aB3_-".repeat(7)}`;
const MASKED_TOKEN = "110201543:********";
const HOOK = "https://discord.com/api/webhooks/123/To-ken_1";
const TELEGRAM = { token: TOKEN, chatId: -1001234567890, baseUrl: "https://api.telegram.org" };

const parse = (kind: string, config: unknown) =>
  CreateDestination.safeParse({ name: "d", kind, config });
const problems = (kind: string, config: unknown) =>
  (parse(kind, config).error?.issues ?? []).map(
    ({ path, message }) => `${path.join(".")}: ${message}`,
  );

function refusalOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof BatonError) return error.errors?.map(({ path }) => path) ?? [];
    throw error;
  }
  return [];
}

describe("a discord config", () => {
  it.each([
    HOOK,
    "https://discord.com/api/v10/webhooks/123/x",
    "https://discordapp.com/api/webhooks/123/x?thread_id=456",
    "http://127.0.0.1:9999/api/v10/webhooks/1/x",
    "http://localhost:9999/api/webhooks/1/x",
  ])("takes %s", (url) => expect(problems("discord", { url })).toEqual([]));

  it.each([
    ["", /./],
    [5, /./],
    ["discord.com/api/webhooks/1/x", /not a URL; use the webhook's URL, https:\/\/discord\.com/],
    ["http://discord.com/api/webhooks/1/x", /use https/],
    ["https://example.org/api/webhooks/1/x", /not at discord\.com/],
    ["https://discord.com.example.org/api/webhooks/1/x", /not at discord\.com/],
    ["https://discord.com:8443/api/webhooks/1/x", /not at discord\.com/],
    ["http://10.0.0.1/api/webhooks/1/x", /not at discord\.com/],
    ["https://discord.com/channels/1/2", /not a webhook/],
    ["https://discord.com/api/webhooks/1", /not a webhook/],
    ["https://discord.com/api/webhooks/1/x/slack", /not a webhook/],
    ["https://discord.com/api/webhooks/1/x?wait=true", /only `\?thread_id/],
    ["https://discord.com/api/webhooks/1/x#a", /only `\?thread_id/],
    ["https://discord.com/api/webhooks/1/x?thread_id=", /one thread's id/],
    ["https://discord.com/api/webhooks/1/x?thread_id=1&thread_id=2", /one thread's id/],
    ["https://discord.com/api/webhooks/1/********", /is masked/],
  ])("refuses %j and says how to mend it", (url, message) => {
    const [problem, ...more] = problems("discord", { url });
    expect(problem).toMatch(/^config\.url: /);
    expect(problem).toMatch(message);
    expect(more).toEqual([]);
  });

  it("refuses fields of another kind", () => {
    expect(problems("discord", { url: HOOK, headers: {} })).toHaveLength(1);
  });

  it.each([
    [HOOK, "https://discord.com/api/webhooks/123/********"],
    [
      "http://127.0.0.1:9/api/v10/webhooks/1/x?thread_id=5",
      "http://127.0.0.1:9/api/v10/webhooks/1/********?thread_id=5",
    ],
  ])("is masked: %s", (url, masked) => {
    expect(DRIVERS.discord.mask({ url })).toEqual({ url: masked });
    expect(patchConfig(SETTINGS, "discord", { url }, { url: masked })).toEqual({ url });
  });

  it("takes no other webhook's mask", () => {
    const url = "https://discord.com/api/webhooks/124/********";
    const patch = () => patchConfig(SETTINGS, "discord", { url: HOOK }, { url });
    expect(refusalOf(patch)).toEqual(["config.url"]);
  });
});

describe("a telegram config", () => {
  it("is at Telegram unless it says otherwise", () => {
    const { data } = parse("telegram", { token: TOKEN, chatId: "@baton_news" });
    expect(data?.config).toEqual({ ...TELEGRAM, chatId: "@baton_news" });
  });

  it.each([
    { chatId: 5 },
    { chatId: "@Abcd" },
    { baseUrl: "https://bots.example.org/telegram/" },
    { baseUrl: "http://127.0.0.1:8081" },
    { token: `1:${"x".repeat(60)}` },
  ])("takes %j", (more) => expect(problems("telegram", { ...TELEGRAM, ...more })).toEqual([]));

  it.each([
    [{ token: undefined }, /^config\.token: /],
    [{ token: "" }, /^config\.token: .*@BotFather/],
    [{ token: `bot${TOKEN}` }, /^config\.token: .*@BotFather/],
    [{ token: `1:${"x".repeat(34)}` }, /^config\.token: .*@BotFather/],
    [{ token: `1:${"x".repeat(34)}/` }, /^config\.token: .*@BotFather/],
    [{ token: MASKED_TOKEN }, /^config\.token: is masked/],
    [{ chatId: undefined }, /^config\.chatId: use the chat's id/],
    [{ chatId: "-1001234567890" }, /^config\.chatId: .*without quotes/],
    [{ chatId: 1.5 }, /^config\.chatId: use the chat's id/],
    [{ chatId: 0 }, /^config\.chatId: use the chat's id/],
    [{ chatId: 1e300 }, /^config\.chatId: use the chat's id/],
    [{ chatId: "name" }, /^config\.chatId: use the chat's id/],
    [{ chatId: "@a b" }, /^config\.chatId: use the chat's id/],
    [{ baseUrl: "" }, /^config\.baseUrl: /],
    [{ baseUrl: "api.telegram.org" }, /^config\.baseUrl: not a URL/],
    [{ baseUrl: "http://example.org" }, /^config\.baseUrl: .*use https/],
    [{ baseUrl: "https://example.org/?a=1" }, /^config\.baseUrl: .*remove `\?`/],
    [{ url: "https://example.org" }, /^config: /],
  ])("refuses %j and says how to mend it", (more, message) => {
    const [problem] = problems("telegram", { ...TELEGRAM, ...more });
    expect(problem).toMatch(message);
  });

  it("is masked; a mask means unchanged, another bot's mask is refused", () => {
    const masked = DRIVERS.telegram.mask(TELEGRAM);
    expect(masked).toEqual({ ...TELEGRAM, token: MASKED_TOKEN });
    const patch = (change: Record<string, unknown>) =>
      patchConfig(SETTINGS, "telegram", TELEGRAM, change);
    expect(patch(masked)).toEqual(TELEGRAM);
    expect(patch({ chatId: 7 })).toEqual({ ...TELEGRAM, chatId: 7 });
    expect(patch({ token: MASKED_TOKEN, chatId: "@other_one" })).toMatchObject({ token: TOKEN });
    expect(refusalOf(() => patch({ token: "999:********" }))).toEqual(["config.token"]);
    expect(refusalOf(() => patch({ token: null }))).toEqual(["config.token"]);
  });

  it("is called where Baton may call only", () => {
    const patch = (baseUrl: string) => () =>
      patchConfig(SETTINGS, "telegram", TELEGRAM, { baseUrl });
    expect(refusalOf(patch("https://10.0.0.1/"))).toEqual(["config.baseUrl"]);
    expect(refusalOf(patch("https://example.org:6379/"))).toEqual(["config.baseUrl"]);
    expect(refusalOf(patch("http://localhost:8787/"))).toEqual(["config.baseUrl"]);
    const moved = { ...TELEGRAM, baseUrl: "https://bots.example.org" };
    const back = patchConfig(SETTINGS, "telegram", moved, { baseUrl: null });
    expect(back).toEqual(TELEGRAM);
  });
});

it("kinds for people have the messaging schedule and read alerts as text", () => {
  const machines: readonly string[] = ["http", "r2", "channel", "listen", "sms_code"];
  const [others, people] = [true, false].map((isMachine) =>
    DestinationKind.options.filter((kind) => machines.includes(kind) === isMachine),
  );
  for (const kind of people ?? []) {
    expect([defaultSchedule(kind), readersOf(kind)]).toEqual([MESSAGING_SCHEDULE, "people"]);
  }
  expect(others?.map(readersOf)).toEqual(machines.map(() => "machines"));
});
