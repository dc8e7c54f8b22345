import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { patchConfig } from "../../src/destinations/config.ts";
import { DRIVERS, deliver } from "../../src/destinations/deliver.ts";
import type { OutgoingEvent } from "../../src/destinations/driver.ts";
import { readReadable } from "../../src/destinations/readable-body.ts";
import type { DestinationConfig, DestinationKind } from "../../src/destinations/schemas.ts";
import { NO_SOURCE } from "../../src/source-preset.ts";
import { eventWith, inputOf, SETTINGS } from "./fixtures.ts";

const PHONE = { slug: "phone", name: "Phone", preset: "phone" as const };
const CODE = "[네이버] 인증번호 [482913]를 입력해 주세요.";
const MASKED = "[네이버] 인증번호 [******]를 입력해 주세요.";

const phoneEvent = (body: string | Uint8Array<ArrayBuffer>, more: Partial<OutgoingEvent> = {}) =>
  eventWith(body, { source: PHONE, contentType: "application/json", ...more });
const shown = async (event: OutgoingEvent, showCodes?: boolean) =>
  (await readReadable(event, showCodes))?.text;

describe("people see the message of a phone, not what its forwarder wrapped around it", () => {
  it.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
    ["JSON with more fields", '{"message":"승인 1원","text":"x","from":"1544"}', "승인 1원"],
    [
      "JSON that a template broke",
      '{"message":"[Web발신]\n"승인" 1원","from":"1544"}',
      '[Web발신]\n"승인" 1원',
    ],
    ["a nested message", '{"event":"sms","payload":{"message":"승인"}}', "승인"],
    ["EUC-KR", new Uint8Array([0xbd, 0xc2, 0xc0, 0xce]), "승인"],
    ["JSON without a message", '{"battery":5}', '{\n  "battery": 5\n}'],
  ])("%s", async (_, body, text) => {
    expect(await shown(phoneEvent(body))).toBe(text);
  });

  it("from the query, when there is no body", async () => {
    expect(await shown(phoneEvent("", { query: "message=%EC%8A%B9%EC%9D%B8+1" }))).toBe("승인 1");
    expect(await shown(phoneEvent(""))).toBe("(empty body)");
  });
});

describe("people see no code of a phone's message", () => {
  it.each<[string, Partial<OutgoingEvent>, string]>([
    [JSON.stringify({ message: CODE }), {}, MASKED],
    [`{"message":"${CODE}\n","from":"1544"}`, {}, `${MASKED}\n`],
    ["024561", {}, "******"],
    ['{"message":24561}', {}, "******"],
    ["", { query: "message=024561" }, "******"],
    [JSON.stringify({ note: CODE }), {}, `{\n  "note": "${MASKED}"\n}`],
  ])("%j %j", async (body, more, text) => {
    expect(await shown(phoneEvent(body, more))).toBe(text);
  });

  it("unless the destination shows them", async () => {
    expect(await shown(phoneEvent(JSON.stringify({ message: CODE })), true)).toBe(CODE);
  });

  it("nor when their source was deleted meanwhile", async () => {
    const event = phoneEvent(JSON.stringify({ message: CODE }), { source: NO_SOURCE });
    expect(await shown(event)).toBe(MASKED);
  });

  it("and other sources' messages stay as they are", async () => {
    const event = eventWith(JSON.stringify({ message: CODE }), { query: "message=1" });
    expect(await shown(event)).toBe(CODE);
  });
});

type Emulator = { messages: { payload: object }[]; close: () => Promise<void> };

describe("every kind whose messages people read", () => {
  const open: Emulator[] = [];
  const configs = new Map<DestinationKind, { config: DestinationConfig; emulator: Emulator }>();
  beforeAll(async () => {
    // Not literals: the emulators are checked with Node's types, this file with the Workers' ones.
    const at = (name: string) => import(/* @vite-ignore */ `../emulators/${name}.ts`);
    const slack = await (await at("slack")).startSlack({ burst: 100 });
    const discord = await (await at("discord")).startDiscord({ burst: 100 });
    const { startTelegram, CHATS } = await at("telegram");
    const telegram = await startTelegram({ burst: 100 });
    const { token, baseUrl } = telegram;
    open.push(slack, discord, telegram);
    configs.set("slack", { config: { url: slack.url }, emulator: slack });
    configs.set("discord", { config: { url: discord.url }, emulator: discord });
    configs.set("telegram", {
      config: { token, chatId: CHATS.open, baseUrl },
      emulator: telegram,
    });
  });
  afterAll(() => Promise.all(open.map((emulator) => emulator.close())));

  it.each(["slack", "discord", "telegram"] as const)(
    "%s masks codes, in the recorded try too, and shows them by `showCodes`",
    async (kind) => {
      const made = configs.get(kind);
      if (!made) throw new Error("no emulator");
      const input = inputOf(phoneEvent(JSON.stringify({ message: CODE })));
      const plain = await deliver(kind, made.config, input);
      expect(plain.outcome).toEqual({ ok: true });
      expect(new TextDecoder().decode(plain.requestBody)).not.toContain("482913");
      const told = { ...made.config, showCodes: true } as DestinationConfig;
      await deliver(kind, told, input);
      const [first, second] = made.emulator.messages.map(({ payload }) => JSON.stringify(payload));
      expect([first?.includes("482913"), second?.includes("482913")]).toEqual([false, true]);
      expect(first).toContain("네이버");
    },
  );

  it.each(["slack", "discord", "telegram"] as const)(
    "%s keeps the switch in its config",
    (kind) => {
      const config = configs.get(kind)?.config as DestinationConfig;
      const on = patchConfig(SETTINGS, kind, config, { showCodes: true });
      expect(DRIVERS[kind].mask(on)).toMatchObject({ showCodes: true });
      const off = patchConfig(SETTINGS, kind, on, { ...DRIVERS[kind].mask(on), showCodes: null });
      expect(off).toEqual(config);
      expect(() => patchConfig(SETTINGS, kind, config, { showCodes: "yes" })).toThrow("showCodes");
    },
  );
});
