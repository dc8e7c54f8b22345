import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { openBridge } from "../../src/channels/index.ts";
import {
  addParticipants,
  block,
  type ChatContext,
  createDirect,
  createGroup,
  deleteMessage,
  editMessage,
  findDirect,
  getConversation,
  listBlocks,
  listConversations,
  listMessages,
  listParticipants,
  readMessages,
  removeParticipant,
  renameConversation,
  sendMessage,
  setMuted,
  tellTyping,
  unblock,
  userTopic,
} from "../../src/chat/index.ts";
import { chatUsers } from "../../src/db/schema/chat.ts";
import { waitFor } from "../support/wait-for.ts";
import { gated } from "./chat-faults.ts";
import { type ChatTenant, type Chatter, chatter, makeChat, pushesOf } from "./chat-support.ts";
import { bindings, call, control } from "./support.ts";

let tenant: ChatTenant;
beforeAll(async () => {
  tenant = await makeChat();
});

let users = 0;
/** Users that no other test has. */
function people(...names: string[]): Chatter[] {
  const run = users++;
  return names.map((name) => chatter(tenant, `${name}-${run}`));
}

/** A group with all of them, made by the first. */
async function group([maker, ...others]: Chatter[], title = "Team"): Promise<string> {
  if (!maker) throw new Error("a group has a maker");
  const userIds = others.map(({ user }) => user.id);
  return (await createGroup(maker, { userIds, title })).conversationId;
}

const fault = (code: string) => expect.objectContaining({ name: "ChatError", code });
const last = async (of: ChatContext) => (await pushesOf(of)).at(-1);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("a message", () => {
  it("is told to all participants, the sender too, exactly as the contract has it", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const { conversationId } = await createDirect(ann, { userId: bob.user.id });
    const sent = await sendMessage(ann, { conversationId, content: "hi", tempMessageId: "t-1" });
    expect(sent).toEqual({
      messageId: expect.stringMatching(UUID),
      sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      // Behind the news that there is a conversation.
      seq: 2,
    });
    const { messageId, sentAt } = sent;
    const senderId = ann.user.id;
    const push = { type: "new-message", messageId, tempMessageId: "t-1", conversationId, senderId };
    for (const each of [ann, bob]) {
      expect(await last(each)).toEqual({ ...push, content: "hi", sentAt });
    }
  });

  it("sent again is the first one, whatever JSON its tempMessageId is, unless that is empty", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const { conversationId } = await createDirect(ann, { userId: bob.user.id });
    const send = (of: ChatContext, tempMessageId: unknown, content = "x") =>
      sendMessage(of, { conversationId, content, tempMessageId });
    for (const id of ["t", 7, 0, false, { a: [1] }]) {
      const first = await send(ann, id, `first ${JSON.stringify(id)}`);
      await send(bob, null);
      expect(await send(ann, id, "again")).toEqual(first);
    }
    // Of another sender it is another one.
    expect((await send(bob, "t")).messageId).not.toBe((await send(ann, "t")).messageId);
    const ids = await Promise.all(
      ["", "", null, undefined].map(async (id) => (await send(ann, id)).messageId),
    );
    expect(new Set(ids).size).toBe(4);
    expect(await pushesOf(ann)).toEqual(await pushesOf(bob));
    const listed = await listMessages(ann, { conversationId, limit: 100 });
    expect(listed).toHaveLength(5 + 5 + 1 + 4);
  });

  it("sent 30 times at once is stored and told once", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const { conversationId } = await createDirect(ann, { userId: bob.user.id });
    const input = { conversationId, content: "once", tempMessageId: "t" };
    const sent = await Promise.all(Array.from({ length: 30 }, () => sendMessage(ann, input)));
    expect(new Set(sent.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(await listMessages(bob, { conversationId, limit: 100 })).toHaveLength(1);
    expect(await pushesOf(bob)).toHaveLength(2);
  });

  it("may have as many characters as the version of the client allows, of any kind", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const { conversationId } = await createDirect(ann, { userId: bob.user.id });
    const send = (content: string, version: 1 | 2) =>
      sendMessage({ ...ann, version }, { conversationId, content });
    await send("가".repeat(1000), 1);
    await expect(send("가".repeat(1001), 1)).rejects.toThrow(fault("content_too_long"));
    await send("\u0001".repeat(10_000), 2);
    await expect(send("가".repeat(10_001), 2)).rejects.toThrow(fault("content_too_long"));
    await expect(send("", 2)).rejects.toThrow(fault("invalid_field"));
    const odd = `quote " \\ line\nnull \0 emoji 👨‍👩‍👧 half \ud83d`;
    await send(odd, 2);
    const [newest] = await listMessages(bob, { conversationId, limit: 1 });
    expect(newest?.content).toBe(odd.toWellFormed());
    expect(await last(bob)).toMatchObject({ content: odd.toWellFormed() });
    const long = { conversationId, content: "x", tempMessageId: "x".repeat(200) };
    await expect(sendMessage(ann, long)).rejects.toThrow(fault("invalid_field"));
  });

  it("of one who is in no such conversation is refused, as is one of another organization", async () => {
    const [ann, bob, eve] = people("ann", "bob", "eve") as [Chatter, Chatter, Chatter];
    const { conversationId } = await createDirect(ann, { userId: bob.user.id });
    const other = chatter(await makeChat(), ann.user.id);
    const first = await sendMessage(ann, { conversationId, content: "x", tempMessageId: "t" });
    for (const each of [eve, other]) {
      const input = { conversationId, messageId: first.messageId, content: "x" };
      const isNone = fault("conversation_not_found");
      await expect(sendMessage(each, { ...input, tempMessageId: "t" })).rejects.toThrow(isNone);
      await expect(editMessage(each, input)).rejects.toThrow(isNone);
      await expect(deleteMessage(each, input)).rejects.toThrow(isNone);
      await expect(readMessages(each, { conversationId })).rejects.toThrow(isNone);
      await expect(tellTyping(each, { conversationId, isTyping: true })).rejects.toThrow(isNone);
      await expect(setMuted(each, { conversationId, isMuted: true })).rejects.toThrow(isNone);
      await expect(getConversation(each, { conversationId })).rejects.toThrow(isNone);
      await expect(listMessages(each, { conversationId, limit: 1 })).rejects.toThrow(isNone);
      await expect(listParticipants(each, { conversationId })).rejects.toThrow(isNone);
      await expect(renameConversation(each, { conversationId, title: "x" })).rejects.toThrow(
        isNone,
      );
      const userIds = ["x"];
      await expect(addParticipants(each, { conversationId, userIds })).rejects.toThrow(isNone);
      await expect(removeParticipant(each, { conversationId, userId: "x" })).rejects.toThrow(
        isNone,
      );
      expect(await findDirect(each, { userId: bob.user.id })).toBeNull();
      expect((await listConversations(each, {})).items).toEqual([]);
    }
    expect(await listMessages(bob, { conversationId, limit: 10 })).toHaveLength(1);
    await expect(sendMessage(ann, { conversationId: "none", content: "x" })).rejects.toThrow(
      fault("conversation_not_found"),
    );
  });
});

describe("a message of one's own", () => {
  it("is changed and deleted, and everybody is told", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const conversationId = await group([ann, bob]);
    const { messageId } = await sendMessage(ann, { conversationId, content: "teh" });
    const edit = (content: string) => editMessage(ann, { conversationId, messageId, content });
    const { editedAt, seq } = await edit("the");
    expect(seq).toBe(3);
    const userId = ann.user.id;
    const pushed = { type: "message-edited", conversationId, messageId, userId, content: "the" };
    expect([await last(ann), await last(bob)]).toEqual([
      { ...pushed, editedAt },
      { ...pushed, editedAt },
    ]);
    // To what it says already: nothing is told.
    expect(await edit("the")).toEqual({ messageId, editedAt, seq: null });
    expect(await listMessages(bob, { conversationId, limit: 10 })).toMatchObject([
      { messageId, content: "the", editedAt, deletedAt: null },
    ]);
    const { deletedAt } = await deleteMessage(ann, { conversationId, messageId });
    expect(await last(bob)).toEqual({
      type: "message-deleted",
      conversationId,
      messageId,
      userId,
      deletedAt,
    });
    expect(await deleteMessage(ann, { conversationId, messageId })).toMatchObject({ deletedAt });
    await expect(edit("back")).rejects.toThrow(fault("message_not_found"));
    expect(await listMessages(bob, { conversationId, limit: 10 })).toMatchObject([
      { messageId, content: "", deletedAt },
    ]);
    expect(await pushesOf(bob)).toHaveLength(4);
  });

  it("is nobody else's to change; one that is not there cannot be", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const conversationId = await group([ann, bob]);
    const { messageId } = await sendMessage(ann, { conversationId, content: "mine" });
    const input = { conversationId, messageId, content: "his" };
    await expect(editMessage(bob, input)).rejects.toThrow(fault("not_allowed"));
    await expect(deleteMessage(bob, input)).rejects.toThrow(fault("not_allowed"));
    const none = { ...input, messageId: crypto.randomUUID() };
    await expect(editMessage(ann, none)).rejects.toThrow(fault("message_not_found"));
    await expect(deleteMessage(ann, none)).rejects.toThrow(fault("message_not_found"));
    const stored = await listMessages(ann, { conversationId, limit: 10 });
    expect(stored).toMatchObject([{ content: "mine", editedAt: null }]);
  });

  it("edited by many at once ends for everybody as it is stored", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const conversationId = await group([ann, bob]);
    const { messageId } = await sendMessage(ann, { conversationId, content: "0" });
    const edits = Array.from({ length: 20 }, (_, i) => `${i + 1}`);
    await Promise.all(
      edits.map((content) => editMessage(ann, { conversationId, messageId, content })),
    );
    const [stored] = await listMessages(bob, { conversationId, limit: 1 });
    expect((await last(bob))?.content).toBe(stored?.content);
    expect(await pushesOf(bob)).toEqual(await pushesOf(ann));
  });
});

describe("a conversation of two", () => {
  it("is one, however many make it at once from both sides", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        i % 2 === 0
          ? createDirect(ann, { userId: bob.user.id })
          : createDirect(bob, { userId: ann.user.id }),
      ),
    );
    expect(new Set(made.map(({ conversationId }) => conversationId)).size).toBe(1);
    expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
    const conversationId = made[0]?.conversationId ?? "";
    expect(await findDirect(bob, { userId: ann.user.id })).toEqual({ conversationId });
    const members = await listParticipants(ann, { conversationId });
    expect(members.map(({ userId }) => userId)).toEqual([ann.user.id, bob.user.id]);
    for (const each of [ann, bob]) {
      expect(await pushesOf(each)).toMatchObject([
        { type: "conversation-created", conversationId, isGroup: false, title: "" },
      ]);
    }
  });

  it("is none with oneself or nobody, cannot be changed, and is each organization's own", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    for (const userId of [ann.user.id, "", "x".repeat(129)]) {
      await expect(createDirect(ann, { userId })).rejects.toThrow(fault("invalid_field"));
    }
    const { conversationId } = await createDirect(ann, { userId: bob.user.id });
    const no = fault("not_allowed");
    await expect(renameConversation(ann, { conversationId, title: "x" })).rejects.toThrow(no);
    await expect(addParticipants(ann, { conversationId, userIds: ["c"] })).rejects.toThrow(no);
    const userId = ann.user.id;
    await expect(removeParticipant(ann, { conversationId, userId })).rejects.toThrow(no);
    const elsewhere = chatter(await makeChat(), ann.user.id);
    const other = await createDirect(elsewhere, { userId: bob.user.id });
    expect(other.conversationId).not.toBe(conversationId);
  });
});

describe("a block", () => {
  it("keeps the blocked one from writing, editing and making; the blocker's own words go through", async () => {
    const [ann, bob, eve] = people("ann", "bob", "eve") as [Chatter, Chatter, Chatter];
    const { conversationId } = await createDirect(bob, { userId: ann.user.id });
    const before = await sendMessage(bob, { conversationId, content: "hey", tempMessageId: "t" });
    const conversation = await group([ann, bob]);
    await block(ann, { userId: bob.user.id });
    await block(ann, { userId: eve.user.id });
    await block(ann, { userId: bob.user.id });
    expect(await listBlocks(ann)).toEqual([bob.user.id, eve.user.id]);
    const no = fault("blocked");
    await expect(sendMessage(bob, { conversationId, content: "x" })).rejects.toThrow(no);
    const { messageId } = before;
    await expect(editMessage(bob, { conversationId, messageId, content: "x" })).rejects.toThrow(no);
    // A repeat of what was stored before is answered as it was.
    const again = { conversationId, content: "hey", tempMessageId: "t" };
    expect(await sendMessage(bob, again)).toEqual(before);
    await expect(createDirect(eve, { userId: ann.user.id })).rejects.toThrow(no);
    expect(await createDirect(bob, { userId: ann.user.id })).toEqual({
      conversationId,
      isNew: false,
    });
    const userIds = [ann.user.id, bob.user.id];
    await expect(createGroup(eve, { userIds, title: "x" })).rejects.toThrow(no);
    const eves = await group([eve, bob]);
    const add = { conversationId: eves, userIds: [ann.user.id] };
    await expect(addParticipants(eve, add)).rejects.toThrow(no);
    await sendMessage(ann, { conversationId, content: "read this" });
    await sendMessage(bob, { conversationId: conversation, content: "here I may" });
    expect(await last(ann)).toMatchObject({ content: "here I may" });
    await unblock(ann, { userId: bob.user.id });
    await sendMessage(bob, { conversationId, content: "again" });
    await expect(block(ann, { userId: ann.user.id })).rejects.toThrow(fault("invalid_field"));
  });
});

describe("a group", () => {
  it("is made once for a key, of users each once, the maker among them", async () => {
    const [ann, bob, eve] = people("ann", "bob", "eve") as [Chatter, Chatter, Chatter];
    const userIds = [bob.user.id, eve.user.id, bob.user.id, ann.user.id];
    const input = { userIds, title: "Team", key: "k" };
    const made = await Promise.all(Array.from({ length: 10 }, () => createGroup(ann, input)));
    expect(new Set(made.map(({ conversationId }) => conversationId)).size).toBe(1);
    expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
    const participants = [ann.user.id, bob.user.id, eve.user.id];
    for (const each of [ann, bob, eve]) {
      expect(await pushesOf(each)).toMatchObject([
        { type: "conversation-created", title: "Team", isGroup: true, participants },
      ]);
    }
    const other = await createGroup(bob, { ...input, userIds: [ann.user.id] });
    expect(other).toEqual({ conversationId: expect.stringMatching(UUID), isNew: true });
    const wrong = { userIds: [ann.user.id], title: "x" };
    await expect(createGroup(ann, wrong)).rejects.toThrow(fault("invalid_field"));
    await expect(createGroup(ann, { ...input, title: " " })).rejects.toThrow(
      fault("invalid_field"),
    );
    const many = Array.from({ length: 100 }, (_, i) => `u${i}`);
    await expect(createGroup(ann, { userIds: many, title: "x" })).rejects.toThrow(
      fault("too_many_participants"),
    );
  });

  it("is joined, renamed and left; who comes later sees and is told what comes after", async () => {
    const [ann, bob, eve] = people("ann", "bob", "eve") as [Chatter, Chatter, Chatter];
    const conversationId = await group([ann, bob]);
    const early = await sendMessage(ann, { conversationId, content: "before" });
    const userIds = [eve.user.id, bob.user.id];
    expect(await addParticipants(bob, { conversationId, userIds })).toEqual({
      added: [eve.user.id],
    });
    expect(await addParticipants(bob, { conversationId, userIds })).toEqual({ added: [] });
    await renameConversation(eve, { conversationId, title: "All" });
    await renameConversation(ann, { conversationId, title: "All" });
    await sendMessage(ann, { conversationId, content: "welcome" });
    const joined = { type: "participants-added", userId: bob.user.id, userIds: [eve.user.id] };
    const later = [joined, { type: "conversation-renamed", title: "All" }, { content: "welcome" }];
    expect(await pushesOf(eve)).toMatchObject(later);
    expect((await pushesOf(ann)).slice(2)).toMatchObject(later);
    expect(await listMessages(eve, { conversationId, limit: 10 })).toMatchObject([
      { content: "welcome" },
    ]);
    const input = { conversationId, messageId: early.messageId };
    await expect(readMessages(eve, input)).rejects.toThrow(fault("message_not_found"));
    await expect(deleteMessage(eve, input)).rejects.toThrow(fault("message_not_found"));

    await expect(removeParticipant(bob, { conversationId, userId: eve.user.id })).rejects.toThrow(
      fault("not_allowed"),
    );
    await removeParticipant(ann, { conversationId, userId: eve.user.id });
    await removeParticipant(ann, { conversationId, userId: eve.user.id });
    await removeParticipant(bob, { conversationId, userId: bob.user.id });
    await sendMessage(ann, { conversationId, content: "alone" });
    const gone = { type: "participants-removed", conversationId, at: expect.any(String) };
    const evesLast = { ...gone, userId: ann.user.id, userIds: [eve.user.id] };
    expect((await pushesOf(eve)).slice(3)).toEqual([evesLast]);
    const bobsLast = { ...gone, userId: bob.user.id, userIds: [bob.user.id] };
    expect((await pushesOf(bob)).slice(-2)).toEqual([evesLast, bobsLast]);
    await expect(sendMessage(eve, { conversationId, content: "x" })).rejects.toThrow(
      fault("conversation_not_found"),
    );

    // Who comes again is told from there on.
    await addParticipants(ann, { conversationId, userIds: [eve.user.id] });
    await sendMessage(ann, { conversationId, content: "back" });
    expect((await pushesOf(eve)).slice(4)).toMatchObject([
      { type: "participants-added" },
      { content: "back" },
    ]);
    expect(await listMessages(eve, { conversationId, limit: 10 })).toHaveLength(1);
  });

  it("who comes later is not told what was written before, though it is changed", async () => {
    const [ann, bob, eve] = people("ann", "bob", "eve") as [Chatter, Chatter, Chatter];
    const conversationId = await group([ann, bob]);
    const { messageId } = await sendMessage(ann, { conversationId, content: "early" });
    await addParticipants(ann, { conversationId, userIds: [eve.user.id] });
    const later = await sendMessage(ann, { conversationId, content: "later" });
    await editMessage(ann, { conversationId, messageId, content: "secret" });
    await editMessage(ann, { ...later, conversationId, content: "said" });
    const edits = async (of: ChatContext) =>
      (await pushesOf(of))
        .filter(({ type }) => type === "message-edited")
        .map(({ content }) => content);
    expect(await edits(eve)).toEqual(["", "said"]);
    expect(await edits(bob)).toEqual(["secret", "said"]);
  });

  it("has place for 100, also when many are added at once", async () => {
    const [ann] = people("ann") as [Chatter];
    const { conversationId } = await createGroup(ann, {
      userIds: Array.from({ length: 94 }, (_, i) => `member-${i}`),
      title: "Crowd",
    });
    const adding = Array.from({ length: 10 }, (_, i) =>
      addParticipants(ann, { conversationId, userIds: [`late-${i}`] }),
    );
    const ended = await Promise.allSettled(adding);
    expect(ended.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    const refusals = ended.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(refusals).toEqual(Array(5).fill(fault("too_many_participants")));
    expect(await listParticipants(ann, { conversationId })).toHaveLength(100);
  });
});

describe("what is read", () => {
  it("is one pointer, which only goes forward; the reader is always told, others when it moves", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const { conversationId } = await createDirect(ann, { userId: bob.user.id });
    const sent = [];
    for (const content of ["1", "2", "3"])
      sent.push(await sendMessage(ann, { conversationId, content }));
    const ids = sent.map(({ messageId }) => messageId);
    const [, second, third] = ids as [string, string, string];
    const read = (messageId?: string) =>
      readMessages(bob, { conversationId, ...(messageId && { messageId }) });
    const told = async (of: ChatContext) =>
      (await pushesOf(of))
        .filter(({ type }) => type === "read-messages")
        .map(({ messageId }) => messageId);
    const pointer = async () => (await getConversation(bob, { conversationId })).lastReadMessageId;
    expect(await pointer()).toBeNull();
    const first = await read(second);
    expect(first).toEqual({ messageId: second, readAt: expect.any(String) });
    const push = { type: "read-messages", conversationId, userId: bob.user.id, ...first };
    expect([await last(ann), await last(bob)]).toEqual([push, push]);
    expect((await read(ids[0])).messageId).toBe(second);
    expect([await told(bob), await told(ann)]).toEqual([[second, second], [second]]);
    expect((await read()).messageId).toBe(third);
    expect(await pointer()).toBe(third);
    await expect(read("none")).rejects.toThrow(fault("message_not_found"));
    const members = await listParticipants(ann, { conversationId });
    expect(members.map(({ lastReadMessageId }) => lastReadMessageId)).toEqual([null, third]);
    expect([await told(bob), await told(ann)]).toEqual([
      [second, second, third],
      [second, third],
    ]);
  });

  it("of a conversation without messages is nothing", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const { conversationId } = await createDirect(ann, { userId: bob.user.id });
    expect(await readMessages(bob, { conversationId })).toMatchObject({ messageId: null });
    expect(await last(bob)).toMatchObject({ type: "read-messages", messageId: null });
  });

  it("is told to the reader alone in a large group", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const { conversationId } = await createGroup(ann, {
      userIds: [bob.user.id, ...Array.from({ length: 51 }, (_, i) => `large-${i}`)],
      title: "Crowd",
    });
    await sendMessage(ann, { conversationId, content: "x" });
    await readMessages(bob, { conversationId });
    expect([await last(ann), await last(bob)]).toMatchObject([
      { type: "new-message" },
      { type: "read-messages" },
    ]);
  });
});

it("typing reaches the others' connections, not the typist's, and not across a block", async () => {
  const [ann, bob, eve] = people("ann", "bob", "eve") as [Chatter, Chatter, Chatter];
  const conversationId = await group([ann, bob, eve]);
  const heard: Record<string, string[]> = {};
  const bridges = await Promise.all(
    [ann, bob, eve].map(({ user }) => {
      const lines: string[] = [];
      heard[user.id] = lines;
      return openBridge(bindings.CHANNEL, userTopic(user.organizationId, user.id), WISH, {
        onMessage: (message, done) => {
          lines.push(message as string);
          done();
        },
        onEnd: () => {},
      });
    }),
  );
  const hints = ({ user }: ChatContext) =>
    (heard[user.id] ?? []).filter((line) => line.includes('"typing"'));
  const before = (await pushesOf(bob)).length;
  await block(eve, { userId: ann.user.id });
  await tellTyping(ann, { conversationId, isTyping: true });
  const hint = { type: "typing", conversationId, userId: ann.user.id, isTyping: true };
  await waitFor(() => hints(bob).length === 1, { what: "the hint" });
  expect(hints(bob).map((line) => JSON.parse(line))).toEqual([hint]);
  expect([hints(ann), hints(eve)]).toEqual([[], []]);
  expect(await pushesOf(bob)).toHaveLength(before);
  for (const bridge of bridges) bridge.close();
});

const WISH = {
  format: "json",
  batch: false,
  since: null,
  until: null,
  untilCode: 4409,
  slow: "drop",
} as const;

describe("lists", () => {
  it("conversations come newest first, with what is unread, and in pages", async () => {
    const [ann, bob, eve, kim] = people("ann", "bob", "eve", "kim") as [
      Chatter,
      Chatter,
      Chatter,
      Chatter,
    ];
    const withBob = (await createDirect(ann, { userId: bob.user.id })).conversationId;
    const withEve = (await createDirect(eve, { userId: ann.user.id })).conversationId;
    const empty = (await createDirect(ann, { userId: kim.user.id })).conversationId;
    const left = await group([ann, kim], "Left");
    const say = (of: ChatContext, conversationId: string, content: string) =>
      sendMessage(of, { conversationId, content });
    await say(bob, withBob, "b1");
    await say(bob, withBob, "b2");
    await say(eve, withEve, "e1");
    await say(ann, withEve, "a1");
    await say(kim, left, "bye");
    await removeParticipant(kim, { conversationId: left, userId: kim.user.id });
    const ids = async (of: ChatContext, input = {}) =>
      (await listConversations(of, input)).items.map(({ conversationId }) => conversationId);
    const v1: ChatContext = { ...ann, version: 1 };
    expect(await ids(v1)).toEqual([withEve, withBob]);
    expect(await ids(v1, { isRead: false })).toEqual([withBob]);
    expect(await ids(v1, { isRead: true })).toEqual([withEve]);
    const { items } = await listConversations(ann, {});
    expect(new Set(await ids(ann))).toEqual(new Set([left, withEve, withBob, empty]));
    expect(items.find(({ conversationId }) => conversationId === withBob)).toMatchObject({
      title: "",
      isGroup: false,
      participantId: bob.user.id,
      isRead: false,
      unread: 2,
      isMuted: false,
      lastReadMessageId: null,
      latest: { content: "b2", senderId: bob.user.id },
    });
    // One's own message is read; the one before it still is not.
    expect(items.find(({ conversationId }) => conversationId === withEve)).toMatchObject({
      isRead: true,
      unread: 1,
    });
    expect(items.find(({ conversationId }) => conversationId === left)).toMatchObject({
      participantId: null,
    });
    const pages: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = await listConversations(ann, { limit: 1, ...(before && { before }) });
      pages.push(...page.items.map(({ conversationId }) => conversationId));
      if (page.next === null) break;
      before = page.next;
    }
    expect(pages).toEqual(await ids(ann));
    await expect(listConversations(ann, { before: "x" })).rejects.toThrow(fault("invalid_field"));
    await readMessages(ann, { conversationId: withBob });
    expect(await ids(v1, { isRead: false })).toEqual([]);
  });

  it("a page of many conversations counts what is unread in its own only", async () => {
    const [ann] = people("ann") as [Chatter];
    const { organizationId, id } = ann.user;
    const [conversations, unread] = [200, 50];
    await control.run(sql`
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${conversations})
        INSERT INTO chat_conversations SELECT ${id} || '-' || i, ${organizationId}, NULL, 1, 'Many', 'bot', 1,
          ${unread}, ${unread}, ${unread}, i FROM n`);
    await control.run(sql`INSERT INTO chat_participants
        SELECT c.id, u.value, c.organization_id, 0, 0, 0, 1
        FROM chat_conversations c, json_each(${JSON.stringify([id, "bot"])}) u WHERE c.id LIKE ${`${id}-%`}`);
    await control.run(sql`
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${unread})
        INSERT INTO chat_entries SELECT c.id, n.i, 'm' || n.i, 'message', 'bot', c.last_at, 'x', 'null', NULL, NULL
        FROM chat_conversations c, n WHERE c.id LIKE ${`${id}-%`}`);
    let read = 0;
    const { db } = gated(async (_, call) => {
      const answer = await call();
      read += (answer as { meta: D1Meta }).meta.rows_read;
      return answer;
    });
    const { items } = await listConversations({ ...ann, db }, { limit: 3 });
    expect(items.map((item) => [item.conversationId, item.unread])).toEqual(
      [0, 1, 2].map((n) => [`${id}-${conversations - n}`, unread]),
    );
    expect(read).toBeLessThan(6 * conversations);
  });

  it("messages come in pages by offset from the newest, or beside one of them", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const conversationId = await group([ann, bob]);
    const sent: string[] = [];
    for (let i = 1; i <= 10; i++) {
      sent.push((await sendMessage(ann, { conversationId, content: `${i}` })).messageId);
      // What is no message counts nowhere.
      if (i % 3 === 0) await renameConversation(bob, { conversationId, title: `${i}` });
    }
    const page = async (input: object) =>
      (await listMessages(bob, { conversationId, limit: 3, ...input }))
        .map(({ content }) => content)
        .join(" ");
    expect(await page({})).toBe("10 9 8");
    expect(await page({ offset: 3, order: "asc" })).toBe("5 6 7");
    expect(await page({ offset: 9 })).toBe("1");
    expect(await page({ offset: 10 })).toBe("");
    expect(await page({ before: sent[4] })).toBe("4 3 2");
    expect(await page({ before: sent[4], order: "asc" })).toBe("2 3 4");
    expect(await page({ after: sent[4], order: "asc" })).toBe("6 7 8");
    expect(await page({ after: sent[4] })).toBe("8 7 6");
    expect(await page({ after: sent[1], before: sent[7] })).toBe("7 6 5");
    expect(await page({ after: sent[9] })).toBe("");
    await expect(page({ after: "none" })).rejects.toThrow(fault("message_not_found"));
    const other = await group([ann, bob]);
    await expect(
      listMessages(bob, { conversationId: other, limit: 1, before: sent[4] }),
    ).rejects.toThrow(fault("message_not_found"));
  });

  it("participants have the names by which they have signed in", async () => {
    const [ann, bob] = people("ann", "bob") as [Chatter, Chatter];
    const now = Date.now();
    await control.insert(chatUsers).values({
      organizationId: tenant.organizationId,
      userId: bob.user.id,
      name: "Bob",
      lastSeenAt: now,
      createdAt: now,
    });
    const { conversationId } = await createDirect(ann, { userId: bob.user.id });
    const names = (await listParticipants(ann, { conversationId })).map(({ name }) => name);
    expect(names).toEqual(["", "Bob"]);
  });
});

it("a deleted source leaves its organization's conversations as they are", async () => {
  const chat = await makeChat();
  const ann = chatter(chat, "ann");
  const { conversationId } = await createDirect(ann, { userId: "bob" });
  const { status } = await call(chat, "DELETE", `/sources/${chat.source.id}`);
  expect(status).toBe(204);
  await sendMessage(ann, { conversationId, content: "still here" });
  await ann.settled();
  expect(await listMessages(ann, { conversationId, limit: 1 })).toHaveLength(1);
});
