import { beforeAll, expect, it } from "vitest";
import { startDiscord } from "../emulators/discord.ts";
import { CHATS, startTelegram } from "../emulators/telegram.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { call, deliveryOf, makeRelay } from "./support.ts";

const SMS = "[Web발신]\n신한카드(1234)승인 홍*동 12,000원 @everyone 8*1*";

let session: TestSession;

beforeAll(async () => {
  session = await startSession({ env: { BATON_TICK_MS: "500" } });
});

/** A source whose rule leads to a destination of a messaging kind with one try. */
async function relayTo(slug: string, kind: string, config: Record<string, unknown>) {
  const relay = await makeRelay(session, slug);
  await relay.receiver.close();
  const made = await call<{ id: string }>(session, 201, "POST", "/destinations", {
    name: "people",
    kind,
    config,
    retry: { schedule: [0] },
  });
  await call(session, 200, "PATCH", `/rules/${relay.rule.id}`, { destinationId: made.id });
  return made;
}

async function sendSms(slug: string): Promise<string> {
  const answer = await session.send(`${slug}.localhost`, "/sms", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: SMS }),
  });
  expect(answer.status).toBe(202);
  return (JSON.parse(answer.text) as { id: string }).id;
}

/** The first try is told to wait; the one try of the schedule is left and delivers. */
async function expectPause(slug: string, allow: () => void): Promise<void> {
  const id = await sendSms(slug);
  const waiting = await deliveryOf(session, id, "retrying");
  expect(waiting.attempts).toMatchObject([{ outcome: "failed", reason: "rate_limited" }]);
  allow();
  const done = await deliveryOf(session, id, "succeeded", "failed");
  expect(done.attempts.map(({ outcome }) => outcome)).toEqual(["failed", "succeeded"]);
}

it("a Discord destination posts the message, calls nobody, and a 429 pauses it without using a try", async () => {
  const discord = await startDiscord();
  const made = await relayTo("to-discord", "discord", { url: discord.url });
  expect(JSON.stringify(made)).not.toContain(discord.token);
  const delivery = await deliveryOf(session, await sendSms("to-discord"), "succeeded", "failed");
  expect([delivery.status, discord.refusals, discord.pings]).toEqual(["succeeded", [], []]);
  const [message] = discord.messages;
  expect(message?.payload).toMatchObject({ content: expect.stringContaining("8\\*1\\*") });
  const recorded = delivery.attempts[0];
  expect(recorded?.request?.url).toMatch(/\/\*{8}\?wait=true$/);
  expect(recorded?.response?.body).toContain(`"id":"${message?.id}"`);
  expect(JSON.stringify(delivery)).not.toContain(discord.token);

  discord.setMode("rate_limited");
  await expectPause("to-discord", () => discord.setMode("ok"));
  expect(discord.messages).toHaveLength(2);
  await discord.close();
});

it("a Telegram destination sends the message as it is, and a 429 pauses it without using a try", async () => {
  const telegram = await startTelegram();
  const { token, baseUrl } = telegram;
  const [, secret = ""] = token.split(":");
  const made = await relayTo("to-telegram", "telegram", { token, chatId: CHATS.open, baseUrl });
  expect(JSON.stringify(made)).not.toContain(secret);
  const delivery = await deliveryOf(session, await sendSms("to-telegram"), "succeeded", "failed");
  expect([delivery.status, telegram.refusals]).toEqual(["succeeded", []]);
  expect(telegram.messages[0]?.payload).toMatchObject({ chat_id: CHATS.open, text: SMS });
  expect(delivery.attempts[0]?.request?.url).toMatch(/:\*{8}\/sendMessage$/);
  expect(JSON.stringify(delivery)).not.toContain(secret);

  telegram.setMode("rate_limited");
  await expectPause("to-telegram", () => telegram.setMode("ok"));
  expect(telegram.messages).toHaveLength(2);
  await telegram.close();
});

it("a Telegram group that has moved ends the delivery, with its new id on record", async () => {
  const telegram = await startTelegram();
  const { token, baseUrl } = telegram;
  await relayTo("moved-group", "telegram", { token, chatId: CHATS.migrated, baseUrl });
  const delivery = await deliveryOf(session, await sendSms("moved-group"), "failed");
  expect(delivery.reason).toBe("rejected");
  expect(delivery.attempts[0]?.response?.body).toContain(String(CHATS.migratedTo));
  await telegram.close();
});
