import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { openBridge } from "../../src/channels/index.ts";
import { MAX_NOTICES } from "../../src/chat/constants.ts";
import {
  addParticipants,
  block,
  createDirect,
  createGroup,
  deleteMessage,
  editMessage,
  pushUnpushed,
  readMessages,
  sendMessage,
  setMuted,
  userTopic,
} from "../../src/chat/index.ts";
import { pushEntries } from "../../src/chat/push-entries.ts";
import { chatEntries, chatUsers } from "../../src/db/schema/chat.ts";
import { events } from "../../src/db/schema/events.ts";
import { stopping } from "./chat-faults.ts";
import { age } from "./chat-log.ts";
import { type Chatter, chatter, makeChat } from "./chat-support.ts";
import { bindings, call, control, type Json, shard } from "./support.ts";

/** Users of an organization of their own. */
async function people<N extends string>(...names: N[]) {
  const chat = await makeChat("offline");
  const all = names.map((name) => [name, chatter(chat, name)] as const);
  const users = Object.fromEntries(all) as Record<N, Chatter>;
  const settled = async () => {
    for (const [, each] of all) await each.settled();
  };
  /** The notices that there are, oldest first. */
  const notices = async () => {
    await settled();
    const rows = await shard
      .select()
      .from(events)
      .where(eq(events.sourceId, chat.source.id))
      .orderBy(events.id);
    return rows.map(({ body }) => JSON.parse(new TextDecoder().decode(body ?? undefined)) as Json);
  };
  const to = async () => (await notices()).map(({ userId, content }) => `${userId}: ${content}`);
  return { chat, users, settled, notices, to };
}

/** Connects a user; gives what ends it. */
async function connect({ user }: Chatter): Promise<() => void> {
  const wish = {
    format: "json",
    batch: false,
    since: null,
    until: null,
    untilCode: 4409,
    slow: "drop",
  } as const;
  const events = { onMessage: (_: unknown, done: () => void) => done(), onEnd: () => {} };
  const topic = userTopic(user.organizationId, user.id);
  const bridge = await openBridge(bindings.CHANNEL, topic, wish, events);
  return () => bridge.close();
}

describe("a message whose recipient has no connection", () => {
  it("becomes an event of the source that rules can read", async () => {
    const { chat, users, settled, notices } = await people("ann", "bob");
    const { ann, bob } = users;
    const now = Date.now();
    for (const { user } of [ann, bob]) {
      const { organizationId, id: userId, name } = user;
      const row = { organizationId, userId, name, lastSeenAt: now, createdAt: now };
      await control.insert(chatUsers).values(row);
    }
    const { conversationId } = await createDirect(ann, { userId: "bob" });
    await sendMessage(ann, { conversationId, content: "안녕" });
    const sent = await sendMessage(ann, { conversationId, content: "there?" });
    const [, second] = await notices();
    expect(second).toEqual({
      type: "chat.offline",
      userId: "bob",
      userName: "BOB",
      conversationId,
      conversationTitle: "",
      isGroup: false,
      messageId: sent.messageId,
      senderId: "ann",
      senderName: "ANN",
      content: "there?",
      sentAt: sent.sentAt,
      unread: 2,
    });
    await settled();
    const [event] = await shard.select().from(events).where(eq(events.sourceId, chat.source.id));
    expect(event).toMatchObject({
      organizationId: chat.organizationId,
      method: "POST",
      path: "/chat/offline",
      contentType: "application/json",
      senderName: "ANN",
    });
  });

  it("is none while one connection is open, and one again when all have gone", async () => {
    const { users, to } = await people("ann", "bob");
    const { conversationId } = await createDirect(users.ann, { userId: "bob" });
    const [first, second] = [await connect(users.bob), await connect(users.bob)];
    const say = (content: string) => sendMessage(users.ann, { conversationId, content });
    await say("1");
    first();
    await say("2");
    expect(await to()).toEqual([]);
    second();
    const topic = userTopic(users.bob.user.organizationId, "bob");
    while ((await bindings.CHANNEL.getByName(topic).describe()).sockets > 0) {
      await scheduler.wait(10);
    }
    await say("3");
    expect(await to()).toEqual(["bob: 3"]);
  });

  it("is told of once, whoever repeats or races", async () => {
    const { users, to } = await people("ann", "bob", "eve");
    const { ann, bob } = users;
    const { conversationId } = await createGroup(ann, { userIds: ["bob", "eve"], title: "T" });
    const repeat = { conversationId, content: "once", tempMessageId: "t" };
    await Promise.all(Array.from({ length: 10 }, () => sendMessage(ann, repeat)));
    await Promise.all([
      sendMessage(bob, { conversationId, content: "from bob" }),
      ...Array.from({ length: 10 }, () => pushEntries(ann, conversationId)),
      sendMessage(ann, repeat),
    ]);
    const all = await to();
    // What a bare push has told is without a notice: it has no source.
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining(["bob: once", "eve: once"]));
  });

  it("is not the sender's own, nor an edit, a deletion or a newcomer", async () => {
    const { users, to } = await people("ann", "bob");
    const { ann } = users;
    const { conversationId } = await createGroup(ann, { userIds: ["bob"], title: "T" });
    const { messageId } = await sendMessage(ann, { conversationId, content: "x" });
    await editMessage(ann, { conversationId, messageId, content: "y" });
    await deleteMessage(ann, { conversationId, messageId });
    await addParticipants(ann, { conversationId, userIds: ["eve"] });
    expect(await to()).toEqual(["bob: x"]);
  });

  it("is none for those who have muted the conversation or blocked the sender", async () => {
    const { users, notices, to } = await people("ann", "bob", "eve", "kim");
    const { ann, bob, eve, kim } = users;
    const userIds = ["bob", "eve", "kim"];
    const { conversationId } = await createGroup(ann, { userIds, title: "Team" });
    await setMuted(bob, { conversationId, isMuted: true });
    await block(eve, { userId: "ann" });
    await sendMessage(ann, { conversationId, content: "1" });
    expect(await to()).toEqual(["kim: 1"]);
    expect(await notices()).toMatchObject([
      { conversationTitle: "Team", isGroup: true, userName: "", senderName: "ANN", unread: 1 },
    ]);
    await setMuted(bob, { conversationId, isMuted: false });
    await readMessages(kim, { conversationId });
    await sendMessage(ann, { conversationId, content: "2" });
    expect((await to()).toSorted()).toEqual(["bob: 2", "kim: 1", "kim: 2"]);
    expect((await notices()).slice(1)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ userId: "kim", unread: 1 }),
        expect.objectContaining({ userId: "bob", unread: 2 }),
      ]),
    );
  });

  it("is told of by the job when whoever stored it was stopped; not when it is hours old", async () => {
    const { chat, users, to } = await people("ann", "bob");
    const { ann } = users;
    const { conversationId } = await createDirect(ann, { userId: "bob" });
    await ann.settled();
    const isStored = stopping(1, "behind");
    const dying = chatter(chat, "ann", isStored);
    await sendMessage(dying, { conversationId, content: "late" }).catch(() => {});
    expect(await to()).toEqual([]);
    await age(conversationId);
    await pushUnpushed(ann);
    expect(await to()).toEqual(["bob: late"]);
    const again = chatter(chat, "ann", stopping(1, "behind"));
    await sendMessage(again, { conversationId, content: "old" }).catch(() => {});
    const twoHoursAgo = Date.now() - 2 * 60 * 60 * 1000;
    await control
      .update(chatEntries)
      .set({ at: twoHoursAgo })
      .where(eq(chatEntries.content, "old"));
    await age(conversationId);
    expect(await pushUnpushed(ann)).toEqual({ conversations: 1, unfinished: 0 });
    expect(await to()).toEqual(["bob: late"]);
  });

  it("whose notice cannot be stored is sent all the same", async () => {
    const { chat, users, to } = await people("ann", "bob");
    const { conversationId } = await createDirect(users.ann, { userId: "bob" });
    const failing = new Proxy(shard, {
      get: () => () => {
        throw new Error("the event database is away");
      },
    });
    const ann = chatter(chat, "ann", { shards: [failing] });
    expect(await sendMessage(ann, { conversationId, content: "x" })).toMatchObject({ seq: 2 });
    await ann.settled();
    expect(await to()).toEqual([]);
  });
});

it("a message to a full group makes a notice for each of the others", async () => {
  const { users, to } = await people("ann");
  const userIds = Array.from({ length: 99 }, (_, i) => `u${i}`);
  const { conversationId } = await createGroup(users.ann, { userIds, title: "Crowd" });
  await sendMessage(users.ann, { conversationId, content: "hi" });
  expect((await to()).toSorted()).toEqual(userIds.map((id) => `${id}: hi`).toSorted());
  expect(userIds.length).toBeLessThan(MAX_NOTICES);
});

it("its task goes to the queue of events, as any other event's does", async () => {
  const chat = await makeChat("offline");
  const tasks: unknown[] = [];
  const eventsQueue = { send: async (task: unknown) => void tasks.push(task) } as unknown as Queue;
  const ann = chatter(chat, "ann", { eventsQueue });
  const { conversationId } = await createDirect(ann, { userId: "bob" });
  await sendMessage(ann, { conversationId, content: "x" });
  await ann.settled();
  const listed = await call(chat, "GET", `/events?sourceId=${chat.source.id}`);
  const [event] = listed.json.data as Json[];
  expect(event).toMatchObject({ path: "/chat/offline", sourceId: chat.source.id });
  expect(tasks).toEqual([{ eventId: event?.id, sourceId: chat.source.id }]);
});
