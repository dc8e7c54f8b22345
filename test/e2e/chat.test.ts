import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { seededRandom } from "../crash/random.ts";
import { startSlack } from "../emulators/slack.ts";
import { type Platform, startPlatform } from "../support/channel-platform.ts";
import { ChatDevice } from "../support/chat-device.ts";
import { startSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call } from "./support.ts";

const MESSAGES = 5000;
const BATCH = 20;
const USERS = ["ann", "bob", "cho"];

const folder = mkdtempSync(join(tmpdir(), "baton-chat-"));
let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform(folder, {
    vars: { DEFAULT_CHAT_SOURCE: "talk" },
    isUnlimited: true,
  });
  await api("POST", "/api/v1/sources", platform.apiKey, { slug: "talk", preset: "chat" });
});

afterAll(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function api<T>(method: string, path: string, token: string, body?: object): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${platform.ports().app}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

async function tokenOf(userId: string): Promise<string> {
  const body = { userId, expiresInSeconds: 3600 };
  return (await api<{ token: string }>("POST", "/api/v1/chat/tokens", platform.apiKey, body)).token;
}

/** All messages of a conversation as the server has them, the oldest first. */
async function messagesOf(conversationId: string, token: string) {
  const all: { messageId: string; content: string }[] = [];
  for (;;) {
    const before = all[0] ? `&before=${all[0].messageId}` : "";
    const path = `/chat/conversations/${conversationId}/messages?v=2&limit=100&order=asc${before}`;
    const page = await api<typeof all>("GET", path, token);
    all.unshift(...page);
    if (page.length < 100) return all;
  }
}

// Three users on two devices each write 5,000 messages into a group and between two of them, twenty at a time; meanwhile
// lines are cut, the objects that tell a user are put out of memory, and all Workers are killed or replaced.
it("every device has every message once and in order, through cuts, evictions and restarts", async () => {
  const seed = Number(process.env.BATON_SEED ?? randomInt(2 ** 31));
  console.log(`seed ${seed} (BATON_SEED=${seed} makes this run again)`);
  const random = seededRandom(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const tokens = await Promise.all(USERS.map(tokenOf));
  const [ann = "", , cho = ""] = tokens;
  const make = (body: object) =>
    api<{ conversationId: string }>("POST", "/chat/conversation", ann, body);
  const group = (await make({ recipientIdArr: ["bob", "cho"], isGroup: true, title: "all" }))
    .conversationId;
  const pair = (await make({ recipientIdArr: ["bob"], isGroup: false, title: "" })).conversationId;
  const port = () => platform.ports().app;
  const devices = await Promise.all(
    USERS.flatMap((user, u) =>
      ["phone", "desk"].map((kind) => ChatDevice.open(`${user} ${kind}`, port, tokens[u] ?? "")),
    ),
  );
  const allOpen = () =>
    waitFor(() => devices.every(({ isOpen }) => isOpen), { what: "all devices", everyMs: 10 });
  await allOpen();

  let isQuiet = false;
  let underWay = 0;
  let written = 0;
  const began = performance.now();
  const writers = devices.map(async ({ name, chat }, d) => {
    // Two of three know the pair; what they write is spread over both.
    const rooms = name.startsWith("cho") ? [group] : [group, group, pair];
    while (written < MESSAGES) {
      while (isQuiet) await sleep(5);
      underWay++;
      const count = Math.min(BATCH, MESSAGES - written);
      const from = written;
      written += count;
      await Promise.all(
        Array.from({ length: count }, (_, i) =>
          chat.send({
            conversationId: rooms[(from + i) % rooms.length] ?? group,
            content: `${d} ${from + i}`,
          }),
        ),
      );
      underWay--;
    }
  });

  let cuts = 0;
  const cutting = (async () => {
    while (written < MESSAGES) {
      if (devices[pick(devices.length)]?.cut()) cuts++;
      await sleep(pick(600));
    }
  })();
  const firstHalf = ["hibernate", "close", "crash", "close", "hibernate", "restart"] as const;
  const disasters = [...firstHalf, "hibernate", "close", "crash", "hibernate", "close"] as const;
  const chaos = (async () => {
    for (const [i, disaster] of disasters.entries()) {
      const at = ((i + 1) * MESSAGES) / (disasters.length + 1);
      await waitFor(() => written >= at, { what: `${at} messages`, deadlineMs: 60_000 });
      if (disaster === "crash") await platform.crash();
      else if (disaster === "restart") await platform.restart();
      else {
        // An object is put out of memory between two things that it does, never while it is asked something.
        isQuiet = true;
        await waitFor(() => underWay === 0, { what: "a pause of the writers", everyMs: 5 });
        await platform.evictChat(USERS[pick(USERS.length)] ?? "", disaster);
        isQuiet = false;
      }
    }
  })();
  await Promise.all([cutting, chaos, ...writers]);
  console.log(`${cuts} cuts, ${Math.round(performance.now() - began)} ms`);

  const stored = {
    group: await messagesOf(group, cho),
    pair: await messagesOf(pair, ann),
  };
  expect(stored.group.length + stored.pair.length).toBe(MESSAGES);
  const countOf = ({ name }: ChatDevice) =>
    name.startsWith("cho") ? stored.group.length : MESSAGES;
  await waitFor(() => devices.every((one) => one.messages().length >= countOf(one)), {
    what: "every device to have all",
    explain: () => devices.map((one) => `${one.name}: ${one.messages().length}`).join("\n"),
  });
  const idsIn = (device: ChatDevice, conversationId: string) =>
    device
      .messages()
      .filter((message) => message.conversationId === conversationId)
      .map(({ messageId }) => messageId);
  for (const device of devices) {
    const expected = {
      gaps: 0,
      group: stored.group.map(({ messageId }) => messageId),
      pair: device.name.startsWith("cho") ? [] : stored.pair.map(({ messageId }) => messageId),
    };
    const got = { gaps: device.gaps, group: idsIn(device, group), pair: idsIn(device, pair) };
    expect({ device: device.name, ...got }).toEqual({ device: device.name, ...expected });
  }
  // Both devices of a user are told everything in the same order.
  for (let d = 0; d < devices.length; d += 2) {
    expect(devices[d]?.pushes).toEqual(devices[d + 1]?.pushes);
  }
  // What one device wrote into a room is there in the order it was written.
  for (const [d] of devices.entries()) {
    for (const room of [stored.group, stored.pair]) {
      const own = room
        .map(({ content }) => content.split(" ").map(Number))
        .filter(([by]) => by === d);
      const numbers = own.map(([, n = 0]) => n);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
  }
  expect(cuts).toBeGreaterThan(20);
  for (const device of devices) device.leave();
}, 240_000);

it("a message to somebody who is away is an event of the chat, which a rule sends to Slack", async () => {
  const [session, slack] = await Promise.all([startSession(), startSlack()]);
  const { data } = await call<{ data: { id: string; slug: string }[] }>(
    session,
    200,
    "GET",
    "/sources",
  );
  const source = data.find(({ slug }) => slug === "chat");
  const destination = await call<{ id: string }>(session, 201, "POST", "/destinations", {
    name: "away",
    kind: "slack",
    config: { url: slack.url },
  });
  await call(session, 201, "POST", "/rules", {
    name: "who is away",
    sourceId: source?.id,
    destinationId: destination.id,
    match: { json: { type: "chat.offline" } },
    transform: [
      {
        kind: "template",
        template: "{{ json.senderName }} to {{ json.userId }}: {{ json.content }}",
      },
    ],
  });
  const make = async (userId: string, name: string) =>
    (await call<{ token: string }>(session, 201, "POST", "/chat/tokens", { userId, name })).token;
  const [alice, bob] = await Promise.all([make("alice", "Alice Kim"), make("bob", "Bob")]);
  const ask = async (authorization: string, path: string, body: object) => {
    const answer = await fetch(`${session.appUrl}/chat${path}`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as { conversationId: string };
  };
  const wanted = { recipientIdArr: ["bob"], isGroup: false, title: "" };
  const { conversationId } = await ask(alice, "/conversation", wanted);
  const port = () => Number(session.env.BATON_PORT);
  const device = await ChatDevice.open("bob", port, bob);
  await waitFor(() => device.isOpen, { what: "bob" });
  const send = (content: string) =>
    ask(alice, `/conversations/${conversationId}/messages`, { content, tempMessageId: content });
  await send("you are here");
  await waitFor(() => device.messages().length === 1, { what: "the message at bob's" });
  device.leave();
  await waitFor(
    async () => {
      const answer = await fetch(`${session.appUrl}/chat/presence?v=2`, {
        headers: { authorization: alice },
      });
      const { presenceArr } = (await answer.json()) as { presenceArr: { page: unknown }[] };
      return presenceArr[0]?.page === null;
    },
    { what: "bob to be away" },
  );
  await send("점심 먹을래요? <b>12시</b>");
  // A repeat tells nobody again.
  await send("점심 먹을래요? <b>12시</b>");
  await waitFor(() => slack.messages.length > 0, {
    what: "the notice in Slack",
    explain: () => JSON.stringify(slack.refusals),
  });
  await send("and again");
  await waitFor(() => slack.messages.length > 1, { what: "the second notice in Slack" });
  expect([slack.messages.map(({ payload }) => payload.text), slack.refusals]).toEqual([
    ["Alice Kim to bob: 점심 먹을래요? &lt;b&gt;12시&lt;/b&gt;", "Alice Kim to bob: and again"],
    [],
  ]);
  await slack.close();
}, 120_000);
