import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { domainOf } from "../../src/chat-presence/domain-of.ts";
import { readPresence, readPresenceOf } from "../../src/chat-presence/index.ts";
import { presenceTopic } from "../../src/chat-presence/topics.ts";
import {
  chatBlocks,
  chatConversations,
  chatParticipants,
  chatUsers,
} from "../../src/db/schema/chat.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  type Chat,
  type Client,
  chatSockets,
  connect,
  contextOf,
  listen,
  makeChat,
  open,
  socketsOf,
} from "./chat-socket-support.ts";
import { control, type Json } from "./support.ts";

let chat: Chat;
beforeAll(async () => {
  chat = await makeChat("chat-presence");
});

/** A conversation of users. */
async function acquaint(...users: string[]): Promise<void> {
  const { organizationId } = chat;
  const id = crypto.randomUUID();
  const now = Date.now();
  await control.batch([
    control.insert(chatConversations).values({
      id,
      organizationId,
      isGroup: users.length > 2,
      title: "",
      createdBy: users[0] ?? "",
      createdAt: now,
      lastAt: now,
    }),
    control
      .insert(chatParticipants)
      .values(
        users.map((userId) => ({ conversationId: id, userId, organizationId, joinedAt: now })),
      ),
  ]);
}

const block = (userId: string, blockedId: string) =>
  control
    .insert(chatBlocks)
    .values({ organizationId: chat.organizationId, userId, blockedId, createdAt: Date.now() });

const visit = (user: string, name = "") =>
  connect(chat, user, { path: "presence-ws", version: 1, name });
const presenceSockets = (user: string) => socketsOf(presenceTopic(chat.organizationId, user));
const read = (user: string) => readPresence(contextOf(chat, user, { version: 1 }));
const readOf = (user: string, other: string) => readPresenceOf(contextOf(chat, user), other);
const gone = (user: string) =>
  waitFor(async () => (await chatSockets(chat, user)) + (await presenceSockets(user)) === 0, {
    what: `${user} to go`,
  });
const gonePresence = (user: string) =>
  waitFor(async () => (await presenceSockets(user)) === 0, { what: `${user} to look no more` });
const pageOf = async (user: string) =>
  (await control.select().from(chatUsers).where(eq(chatUsers.userId, user)))[0]?.page;
const about = (client: Client, type: string, userId: string) =>
  waitFor(() => client.of(type).find((frame) => frame.userId === userId), {
    what: `${type} of ${userId}`,
    explain: () => JSON.stringify(client.frames),
  });

describe("the presence socket", () => {
  it("tells friends and its own user's connections where somebody is, with the contract's keys", async () => {
    await acquaint("anna", "ben");
    const [anna, again, ben, carl] = await Promise.all(
      ["anna", "anna", "ben", "carl"].map((user) => visit(user)),
    );
    if (!anna || !again || !ben || !carl) throw new Error("somebody is missing");
    // Whoever has just come is found by others when their coming is kept.
    await waitFor(async () => (await readOf("anna", "ben")) !== null, { what: "ben to be here" });
    const page = { url: "https://news.example.co.kr/a?b=1", title: "News" };
    anna.send({ action: "update-presence", ...page });
    const told: Json = {
      type: "update-presence",
      userId: "anna",
      ...page,
      domain: "example.co.kr",
      latestUrl: page.url,
      latestTitle: page.title,
      latestDomain: "example.co.kr",
    };
    for (const client of [anna, again, ben]) {
      expect(await client.frame("update-presence")).toEqual(told);
    }
    anna.send({ action: "update-presence", url: "", title: "" });
    expect(await ben.frame("update-presence", 2)).toEqual({
      ...told,
      url: "",
      title: "",
      domain: "",
    });
    expect(carl.frames).toEqual([]);
    anna.close();
    again.close();
    expect(await ben.frame("presence-timeout")).toEqual({
      type: "presence-timeout",
      userId: "anna",
    });
    ben.close();
    carl.close();
  });

  it("many updates within a second are told as the first and the last", async () => {
    const client = await visit("hurry");
    for (let n = 1; n <= 20; n++) {
      client.send({ action: "update-presence", url: `https://a.example/${n}`, title: "" });
    }
    await client.frame("update-presence", 2);
    expect(client.of("update-presence").map(({ url }) => url)).toEqual([
      "https://a.example/1",
      "https://a.example/20",
    ]);
    client.close();
  });

  it("answers a bad frame, and closes one that nothing is heard of for three minutes", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    try {
      const client = await visit("silent");
      client.send({ action: "update-presence", url: "https://a.example" });
      client.send({ action: "update-presence", url: 7, title: "" });
      client.send({ action: "follow" });
      while (client.frames.length < 3) await scheduler.wait(1);
      expect(client.frames).toMatchObject([
        { type: "error", code: "missing_field", action: "update-presence" },
        { type: "error", code: "invalid_field", action: "update-presence" },
        { message: "Forbidden" },
      ]);
      await vi.advanceTimersByTimeAsync(170_000);
      client.send({ action: "heartbeat" });
      client.send("?");
      while (client.frames.length < 4) await scheduler.wait(1);
      await vi.advanceTimersByTimeAsync(170_000);
      expect(client.closed).toBeNull();
      await vi.advanceTimersByTimeAsync(10_001);
      while (!client.closed) await scheduler.wait(1);
      expect(client.closed).toEqual({ code: 4408, reason: "idle" });
    } finally {
      vi.useRealTimers();
    }
    await gone("silent");
  });

  it("has no version 2", async () => {
    await expect(open(chat, "new", { path: "presence-ws", version: 2 })).rejects.toMatchObject({
      code: "invalid_field",
    });
  });

  it("an old connection that closes does not end a newer one's presence", async () => {
    await acquaint("reload", "watcher");
    const watcher = await visit("watcher");
    const older = await visit("reload");
    await waitFor(async () => (await readOf("reload", "watcher")) !== null, { what: "watcher" });
    older.close();
    const newer = await visit("reload");
    newer.send({ action: "update-presence", url: "", title: "" });
    await about(watcher, "update-presence", "reload");
    newer.close();
    await about(watcher, "presence-timeout", "reload");
    expect(watcher.of("presence-timeout")).toHaveLength(1);
    watcher.close();
    await gone("watcher");
  });
});

describe("hints on chat's sockets", () => {
  it("tell of the first connection and of the last one's end, to version 2 only", async () => {
    await acquaint("dora", "emil");
    const emil = await listen(chat, "emil");
    const old = await connect(chat, "emil", { version: 1 });
    const viewer = await visit("emil");
    await waitFor(async () => (await readOf("dora", "emil")) !== null, { what: "emil to be here" });
    const first = await listen(chat, "dora");
    const hint = { type: "presence", userId: "dora", lastSeenAt: expect.any(String) };
    expect(await emil.frame("presence")).toEqual({ ...hint, isOnline: true });
    expect(await viewer.frame("update-presence")).toMatchObject({ userId: "dora", url: "" });
    const second = await connect(chat, "dora", { version: 1 });
    first.close();
    await waitFor(async () => (await chatSockets(chat, "dora")) === 1, { what: "one to go" });
    expect(emil.of("presence").every(({ isOnline }) => isOnline)).toBe(true);
    second.close();
    expect(
      await waitFor(() => emil.of("presence").find(({ isOnline }) => !isOnline), {
        what: "the end",
      }),
    ).toEqual({ ...hint, isOnline: false });
    await about(viewer, "presence-timeout", "dora");
    expect(old.frames).toEqual([]);
    for (const client of [emil, old, viewer]) client.close();
    await gone("emil");
  });

  it("of two that come at the same moment friends are told", async () => {
    await acquaint("twin", "host");
    const host = await listen(chat, "host");
    await waitFor(async () => (await readOf("twin", "host")) !== null, { what: "host to be here" });
    const twins = await Promise.all([
      connect(chat, "twin", { version: 1 }),
      connect(chat, "twin", { version: 1 }),
    ]);
    expect(await about(host, "presence", "twin")).toMatchObject({ isOnline: true });
    for (const client of [host, ...twins]) client.close();
    await gone("twin");
  });

  it("one who has blocked, or is blocked, is told nothing", async () => {
    await acquaint("fay", "gus", "hal");
    await block("fay", "gus");
    await block("hal", "fay");
    const clients = [await listen(chat, "gus"), await listen(chat, "hal")];
    await waitFor(async () => (await readOf("gus", "hal")) !== null, { what: "hal to be here" });
    await waitFor(async () => (await readOf("hal", "gus")) !== null, { what: "gus to be here" });
    const fay = await listen(chat, "fay");
    const viewer = await visit("fay", "Fay");
    viewer.send({ action: "update-presence", url: "https://a.example/", title: "" });
    await viewer.frame("update-presence");
    for (const client of clients) {
      expect(client.of("presence").filter(({ userId }) => userId === "fay")).toEqual([]);
    }
    expect((await read("fay")).presenceArr).toEqual([]);
    await expect(readOf("gus", "fay")).rejects.toMatchObject({ code: "not_allowed" });
    for (const client of [...clients, fay, viewer]) client.close();
  });
});

describe("over REST", () => {
  it("is as the contract has it: who is here, where, and who they are", async () => {
    await acquaint("ida", "jan");
    await acquaint("ida", "kim", "never");
    const jan = await visit("jan", "Jan Kowalski");
    jan.send({ action: "update-presence", url: "https://www.example.com/x", title: "X" });
    await jan.frame("update-presence");
    jan.send({ action: "update-presence", url: "", title: "" });
    await jan.frame("update-presence", 2);
    const kim = await listen(chat, "kim", { name: "Kim" });
    await waitFor(async () => (await readOf("ida", "kim")) !== null, { what: "kim to be here" });
    const latest = { url: "https://www.example.com/x", title: "X", domain: "example.com" };
    const hidden = { url: "", title: "", domain: "" };
    const info = (user_id: string, first_name: string) => ({
      user_id,
      first_name,
      last_name: "",
      profile_image_extension: null,
    });
    const list = await read("ida");
    list.presenceArr.sort((a, b) => (a.userId < b.userId ? -1 : 1));
    expect(list).toEqual({
      userPresence: { userId: "ida", page: null, latestPage: null },
      presenceArr: [
        { userId: "jan", page: hidden, latestPage: latest },
        { userId: "kim", page: hidden, latestPage: null },
        { userId: "never", page: null, latestPage: null },
      ],
      userInfoMap: {
        ida: info("ida", ""),
        jan: info("jan", "Jan Kowalski"),
        kim: info("kim", "Kim"),
        never: info("never", ""),
      },
    });
    expect(await readOf("ida", "jan")).toEqual({ url: "", title: "" });
    expect(await readOf("ida", "never")).toBeNull();
    expect(await readOf("ida", "ida")).toBeNull();
    await expect(readOf("jan", "kim")).rejects.toMatchObject({ code: "not_allowed" });
    jan.close();
    kim.close();
    await gone("jan");
    await waitFor(async () => (await readOf("ida", "jan")) === null, { what: "jan to be away" });
    // What they looked at when they went is not what they look at when they come back.
    await waitFor(
      async () => {
        const [row] = await control
          .select()
          .from(chatUsers)
          .then((rows) => rows.filter(({ userId }) => userId === "jan"));
        return row?.page === null && row.latestPage !== null;
      },
      { what: "the page to be forgotten" },
    );
  });

  it("where somebody was when their connection was lost is not where they are while they only chat", async () => {
    await acquaint("lost", "seer");
    const viewer = await visit("lost");
    viewer.send({ action: "update-presence", url: "https://secret.example/", title: "Secret" });
    await viewer.frame("update-presence");
    const talker = await listen(chat, "lost");
    viewer.close();
    await gonePresence("lost");
    // As a Worker leaves it that had no time to take it back.
    await waitFor(async () => (await pageOf("lost")) === null, {
      what: "the page to be forgotten",
    });
    const page = { url: "https://secret.example/", title: "Secret" };
    await control.update(chatUsers).set({ page }).where(eq(chatUsers.userId, "lost"));
    const hidden = { url: "", title: "", domain: "" };
    expect((await read("seer")).presenceArr).toMatchObject([{ userId: "lost", page: hidden }]);
    expect(await readOf("seer", "lost")).toEqual({ url: "", title: "" });
    talker.close();
  });

  it("another organization's users of the same ids are strangers", async () => {
    await acquaint("lea", "max");
    const other = await makeChat("chat-presence-other");
    await expect(readPresenceOf(contextOf(other, "lea"), "max")).rejects.toMatchObject({
      code: "not_allowed",
    });
    expect((await readPresence(contextOf(other, "lea"))).presenceArr).toEqual([]);
  });
});

it.each([
  ["https://www.example.com/a", "example.com"],
  ["https://a.b.example.co.kr", "example.co.kr"],
  ["http://localhost:3000/", "localhost"],
  ["http://192.168.0.1/", "192.168.0.1"],
  ["http://[::1]/", "[::1]"],
  ["chrome://newtab", "newtab"],
  ["about:blank", ""],
  ["not an address", ""],
  ["", ""],
])("the domain of %s is %s", (url, domain) => {
  expect(domainOf(url)).toBe(domain);
});
