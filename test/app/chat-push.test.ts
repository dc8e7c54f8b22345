import { and, eq } from "drizzle-orm";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ACK_WITHIN_MS, CHANNEL_TIMEOUT_MS } from "../../src/chat/constants.ts";
import {
  addParticipants,
  type ChatContext,
  createDirect,
  createGroup,
  deleteMessage,
  editMessage,
  pushUnpushed,
  readMessages,
  removeParticipant,
  renameConversation,
  sendMessage,
  userTopic,
} from "../../src/chat/index.ts";
import { pushEntries } from "../../src/chat/push-entries.ts";
import { type ChatEntryKind, chatConversations, chatEntries } from "../../src/db/schema/chat.ts";
import { seededRandom } from "../crash/random.ts";
import { failingChannels, gated, stopping } from "./chat-faults.ts";
import { age, entriesFor, toldTo } from "./chat-log.ts";
import { type ChatTenant, type Chatter, chatter, makeChat, textsOf } from "./chat-support.ts";
import { call, control, makeTenant } from "./support.ts";

/*
 * Whatever is stopped or fails, each participant's channel has each of their entries once, and in order.
 */

let tenant: ChatTenant;
beforeAll(async () => {
  tenant = await makeChat("push");
});
afterEach(() => {
  vi.useRealTimers();
});

let runs = 0;
type Three = [Chatter, Chatter, Chatter];

/** A group of three users that no other test has; `eve` is not in it. */
async function makeTeam() {
  const run = runs++;
  const three = ["ann", "bob", "eve"].map((name) => chatter(tenant, `${name}-${run}`)) as Three;
  const [ann, bob] = three;
  const { conversationId } = await createGroup(ann, { userIds: [bob.user.id], title: "Team" });
  return { three, conversationId };
}

async function pushedSeqOf(conversationId: string) {
  const row = await control
    .select()
    .from(chatConversations)
    .where(eq(chatConversations.id, conversationId))
    .get();
  return { pushed: row?.pushedSeq, last: row?.lastSeq };
}

function countEntries(conversationId: string, kind: ChatEntryKind) {
  return control.$count(
    chatEntries,
    and(eq(chatEntries.conversationId, conversationId), eq(chatEntries.kind, kind)),
  );
}

/** Runs the job until all is told. */
async function heal(conversationIds: readonly string[]): Promise<void> {
  for (const id of conversationIds) await age(id);
  for (let run = 0; run < 20; run++) {
    if ((await pushUnpushed(tenantDeps())).conversations === 0) return;
  }
  throw new Error("the job does not come to an end");
}

const tenantDeps = () => chatter(tenant, "nobody");

async function expectAllTold(of: readonly ChatContext[], conversationId: string): Promise<void> {
  for (const each of of) {
    const told = await toldTo(each, conversationId);
    expect(told).toEqual(await entriesFor(each.user.id, conversationId));
  }
}

describe("a process that ends at any of its calls, before or behind it", () => {
  type Scenario = {
    what: string;
    /** What was there before: an id, say. */
    prepare?: (team: Three, conversationId: string) => Promise<string>;
    act: (asker: ChatContext, team: Three, conversationId: string, prepared: string) => unknown;
    /** After a client has tried again. */
    check: (conversationId: string, all: string[]) => unknown;
  };
  const write = async ([ann]: Three, conversationId: string) =>
    (await sendMessage(ann, { conversationId, content: "first" })).messageId;
  const once = (kind: ChatEntryKind) => async (conversationId: string) =>
    expect(await countEntries(conversationId, kind)).toBe(1);
  const scenarios: Scenario[] = [
    {
      what: "sends a message",
      act: (asker, _, conversationId) =>
        sendMessage(asker, { conversationId, content: "x", tempMessageId: "t" }),
      check: once("message"),
    },
    {
      what: "edits",
      prepare: write,
      act: (asker, _, conversationId, messageId) =>
        editMessage(asker, { conversationId, messageId, content: "better" }),
      check: once("edit"),
    },
    {
      what: "deletes",
      prepare: write,
      act: (asker, _, conversationId, messageId) =>
        deleteMessage(asker, { conversationId, messageId }),
      check: once("delete"),
    },
    {
      what: "adds",
      act: (asker, [, , eve], conversationId) =>
        addParticipants(asker, { conversationId, userIds: [eve.user.id] }),
      check: once("add"),
    },
    {
      what: "removes",
      prepare: write,
      act: (asker, [, bob], conversationId) =>
        removeParticipant(asker, { conversationId, userId: bob.user.id }),
      check: once("remove"),
    },
    {
      what: "renames",
      act: (asker, _, conversationId) =>
        renameConversation(asker, { conversationId, title: "Other" }),
      check: once("rename"),
    },
    {
      what: "makes a group",
      act: (asker, [, bob], conversationId) =>
        createGroup(asker, { userIds: [bob.user.id], title: "New", key: conversationId }),
      check: (_, all) => expect(all).toHaveLength(2),
    },
  ];

  it.each(scenarios)("$what: nothing is lost, and nothing twice", async (scenario) => {
    let stops = 0;
    for (const when of ["before", "behind"] as const) {
      for (let at = 1; ; at++) {
        const { three, conversationId } = await makeTeam();
        const [ann] = three;
        const prepared = (await scenario.prepare?.(three, conversationId)) ?? "";
        const { calls, ...outside } = stopping(at, when);
        const dying = chatter(tenant, ann.user.id, outside);
        await Promise.resolve(scenario.act(dying, three, conversationId, prepared)).catch(() => {});
        await dying.settled().catch(() => {});
        // Sometimes the client comes again before the job, sometimes after it.
        const retry = () => scenario.act(ann, three, conversationId, prepared);
        if (at % 2 === 0) await retry();
        await heal(await conversationsOf(ann));
        await retry();
        const all = await conversationsOf(ann);
        await scenario.check(conversationId, all);
        for (const id of all) await expectAllTold(three, id);
        if (calls() < at) break;
        stops++;
      }
    }
    // The batch, three or more channels, and the note that they were told.
    expect(stops).toBeGreaterThanOrEqual(8);
  });

  async function conversationsOf({ user }: ChatContext): Promise<string[]> {
    const rows = await control
      .select({ id: chatConversations.id })
      .from(chatConversations)
      .where(eq(chatConversations.createdBy, user.id));
    return rows.map(({ id }) => id);
  }
});

describe("a channel that fails", () => {
  /** Everything works but one user's channel, until `mend` is called. */
  function without(broken: Chatter) {
    let isMended = false;
    const topic = userTopic(broken.user.organizationId, broken.user.id);
    const { channels } = gated(async (what, call) => {
      if (what === topic && !isMended) throw new Error("overloaded");
      return call();
    });
    const mend = () => {
      isMended = true;
    };
    return { channels, mend };
  }

  it("keeps nobody else from theirs, however long; then it is told all, in pages", async () => {
    const { three, conversationId } = await makeTeam();
    const [ann, bob, eve] = three;
    await addParticipants(ann, { conversationId, userIds: [eve.user.id] });
    const { channels } = without(bob);
    const writer = chatter(tenant, ann.user.id, { channels });
    const texts = Array.from({ length: 130 }, (_, i) => `${i}`);
    for (const content of texts) {
      const { seq } = await sendMessage(writer, { conversationId, content });
      expect(seq).not.toBeNull();
    }
    await writer.settled();
    expect(await textsOf(eve)).toEqual(texts);
    expect(await textsOf(bob)).toEqual([]);
    expect(await pushedSeqOf(conversationId)).toEqual({ pushed: 2, last: 132 });
    await heal([conversationId]);
    await expectAllTold(three, conversationId);
    expect(await textsOf(bob)).toEqual(texts);
    expect(await pushedSeqOf(conversationId)).toEqual({ pushed: 132, last: 132 });
  });

  it("is made good by the next message, too", async () => {
    const { three, conversationId } = await makeTeam();
    const [ann, bob] = three;
    const { channels } = without(bob);
    const writer = chatter(tenant, ann.user.id, { channels });
    for (let i = 0; i < 30; i++) await sendMessage(writer, { conversationId, content: `${i}` });
    await writer.settled();
    expect(await textsOf(bob)).toEqual([]);
    await sendMessage(bob, { conversationId, content: "here" });
    await bob.settled();
    await expectAllTold(three, conversationId);
    const { pushed, last } = await pushedSeqOf(conversationId);
    expect(pushed).toBe(last);
  });

  it("of one who is removed meanwhile: they are told what came before, their removal, and no more", async () => {
    const { three, conversationId } = await makeTeam();
    const [ann, bob] = three;
    const { channels, mend } = without(bob);
    const maker = chatter(tenant, ann.user.id, { channels });
    const userId = bob.user.id;
    await sendMessage(maker, { conversationId, content: "1" });
    await removeParticipant(maker, { conversationId, userId });
    // So many that their removal is no more among the last ones.
    for (let i = 2; i < 30; i++) await sendMessage(maker, { conversationId, content: `${i}` });
    await addParticipants(maker, { conversationId, userIds: [userId] });
    await removeParticipant(maker, { conversationId, userId });
    await addParticipants(maker, { conversationId, userIds: [userId] });
    await sendMessage(maker, { conversationId, content: "31" });
    await maker.settled();
    expect(await textsOf(bob)).toEqual([]);
    mend();
    await pushEntries(maker, conversationId);
    await expectAllTold(three, conversationId);
    expect(await textsOf(bob)).toEqual(["1", "31"]);
  });

  it("is waited for some seconds only", async () => {
    const { three, conversationId } = await makeTeam();
    const [ann, bob] = three;
    const topic = userTopic(bob.user.organizationId, bob.user.id);
    let isAsked = false;
    const { channels } = gated((what, call) => {
      if (what !== topic) return call();
      isAsked = true;
      return Promise.withResolvers<never>().promise;
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const writer = chatter(tenant, ann.user.id, { channels });
    const sending = sendMessage(writer, { conversationId, content: "x" });
    while (!isAsked) await scheduler.wait(5);
    await vi.advanceTimersByTimeAsync(CHANNEL_TIMEOUT_MS);
    expect(await sending).toMatchObject({ seq: 2 });
    vi.useRealTimers();
    await writer.settled();
    await heal([conversationId]);
    await expectAllTold(three, conversationId);
  });

  it("does not keep a sender waiting for as long as it is tried", async () => {
    const { three, conversationId } = await makeTeam();
    const [ann, bob] = three;
    const topic = userTopic(bob.user.organizationId, bob.user.id);
    const hung = Promise.withResolvers<never>();
    const { channels } = gated((what, call) => (what === topic ? hung.promise : call()));
    const writer = chatter(tenant, ann.user.id, { channels });
    const own = () => textsOf(ann);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const sending = sendMessage(writer, { conversationId, content: "x" });
    while ((await own()).length === 0) await scheduler.wait(5);
    await vi.advanceTimersByTimeAsync(ACK_WITHIN_MS);
    const first = await Promise.race([sending, scheduler.wait(1_000)]);
    vi.useRealTimers();
    hung.reject(new Error("the object was reset"));
    expect(first).toMatchObject({ seq: 2 });
    await writer.settled();
    await heal([conversationId]);
    await expectAllTold(three, conversationId);
  });

  it("does not keep a reader waiting", async () => {
    const { three, conversationId } = await makeTeam();
    const [ann, bob] = three;
    await sendMessage(ann, { conversationId, content: "x" });
    const topic = userTopic(ann.user.organizationId, ann.user.id);
    const hung = Promise.withResolvers<never>();
    const asked = Promise.withResolvers<void>();
    const { channels } = gated((what, call) => {
      if (what !== topic) return call();
      asked.resolve();
      return hung.promise;
    });
    const reader = chatter(tenant, bob.user.id, { channels });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const reading = readMessages(reader, { conversationId });
    await asked.promise;
    await vi.advanceTimersByTimeAsync(ACK_WITHIN_MS);
    const read = await Promise.race([reading, scheduler.wait(1_000)]);
    vi.useRealTimers();
    hung.reject(new Error("the object was reset"));
    expect(read).toMatchObject({ messageId: expect.any(String) });
    await reader.settled();
  });

  it("does not keep what was read from being stored", async () => {
    const { three, conversationId } = await makeTeam();
    const [ann, bob] = three;
    const { messageId } = await sendMessage(ann, { conversationId, content: "x" });
    const reader = chatter(tenant, bob.user.id, without(bob));
    expect(await readMessages(reader, { conversationId })).toMatchObject({ messageId });
  });
});

it("some channels are told at a time, the sender's first", async () => {
  const userIds = Array.from({ length: 30 }, (_, i) => `flight-${i}`);
  const ann = chatter(tenant, "flight-ann");
  const { conversationId } = await createGroup(ann, { userIds, title: "Crowd" });
  let [now, most] = [0, 0];
  const asked: string[] = [];
  const { channels } = gated(async (what, call) => {
    asked.push(what);
    most = Math.max(most, ++now);
    try {
      return await call();
    } finally {
      now--;
    }
  });
  await sendMessage(chatter(tenant, ann.user.id, { channels }), { conversationId, content: "x" });
  expect([asked.length, asked[0], most]).toEqual([
    31,
    userTopic(tenant.organizationId, ann.user.id),
    6,
  ]);
});

it("an acknowledged repeat still knows the number of its push", async () => {
  const { three, conversationId } = await makeTeam();
  const [ann, bob] = three;
  const input = { conversationId, content: "x", tempMessageId: "t" };
  const first = await sendMessage(ann, input);
  for (let i = 0; i < 25; i++) await sendMessage(bob, { conversationId, content: "y" });
  await bob.settled();
  expect(await sendMessage(ann, input)).toEqual(first);
  expect(first.seq).toBe(2);
});

it("the job looks after what is some seconds old, and says what it could not finish", async () => {
  const { three, conversationId } = await makeTeam();
  const [ann, , eve] = three;
  await ann.settled();
  const { conversationId: other } = await createDirect(eve, { userId: "nobody-else" });
  await eve.settled();
  // The batch is stored, and nothing told.
  const { db, channels } = stopping(1, "behind");
  const dying = chatter(tenant, ann.user.id, { db, channels });
  await sendMessage(dying, { conversationId, content: "x" }).catch(() => {});
  expect(await pushUnpushed(ann)).toEqual({ conversations: 0, unfinished: 0 });
  await age(conversationId);
  await age(other);
  const down = { ...ann, channels: failingChannels(() => 0, 1) };
  expect(await pushUnpushed(down)).toEqual({ conversations: 1, unfinished: 1 });
  expect(await pushUnpushed(ann)).toEqual({ conversations: 1, unfinished: 0 });
  expect(await pushUnpushed(ann)).toEqual({ conversations: 0, unfinished: 0 });
  await expectAllTold(three, conversationId);
});

it("the job runs in the consumer", async () => {
  const { three, conversationId } = await makeTeam();
  const [ann] = three;
  const dying = chatter(tenant, ann.user.id, stopping(1, "behind"));
  await sendMessage(dying, { conversationId, content: "x" }).catch(() => {});
  await age(conversationId);
  const operator = await makeTenant("operator", { isOperator: true });
  const { status, json } = await call(operator, "POST", "/jobs/chat/run");
  expect([status, json.report]).toEqual([200, { conversations: 1, unfinished: 0 }]);
  await expectAllTold(three, conversationId);
});

describe("whatever users do at once while channels fail", () => {
  const USERS = 6;
  const WAVES = 16;
  const WAVE = 8;

  it.each([1, 2, 3, 4])(
    "each is told what is theirs, in order and once (seed %i)",
    async (seed) => {
      const chance = seededRandom(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T;
      const channels = failingChannels(chance, 0.15);
      const all = Array.from({ length: USERS }, (_, i) =>
        chatter(tenant, `user-${seed}-${i}`, { channels }),
      );
      const ids = all.map(({ user }) => user.id);
      const conversations = await Promise.all([
        ...[0, 1].map(async (i) => {
          const userIds = ids.slice(0, 4);
          return (await createGroup(all[i] as Chatter, { userIds, title: "Group" })).conversationId;
        }),
        createDirect(all[0] as Chatter, { userId: ids[1] as string }).then(
          (made) => made.conversationId,
        ),
      ]);
      const sent: { of: Chatter; conversationId: string; messageId: string }[] = [];
      const actions = {
        send: async (of: Chatter, conversationId: string) => {
          const tempMessageId = `${chance()}`;
          const input = { conversationId, content: tempMessageId, tempMessageId };
          // Some clients try again, as if no answer had come; also at the same time.
          const tries =
            chance() < 0.3
              ? [sendMessage(of, input), sendMessage(of, input)]
              : [sendMessage(of, input)];
          const [first, second] = await Promise.all(tries);
          expect(second?.messageId ?? first?.messageId).toBe(first?.messageId);
          sent.push({ of, conversationId, messageId: first?.messageId ?? "" });
        },
        edit: async () => {
          const message = pick(sent);
          if (message) await editMessage(message.of, { ...message, content: `edit ${chance()}` });
        },
        erase: async () => {
          const message = pick(sent);
          if (message) await deleteMessage(message.of, message);
        },
        add: (of: Chatter, conversationId: string) =>
          addParticipants(of, { conversationId, userIds: [pick(ids), pick(ids)] }),
        leave: (of: Chatter, conversationId: string) =>
          removeParticipant(of, { conversationId, userId: of.user.id }),
        remove: (of: Chatter, conversationId: string) =>
          removeParticipant(of, { conversationId, userId: pick(ids) }),
        rename: (of: Chatter, conversationId: string) =>
          renameConversation(of, { conversationId, title: `${chance()}` }),
        push: (of: Chatter, conversationId: string) => pushEntries(of, conversationId),
        job: async (of: Chatter, conversationId: string) => {
          await age(conversationId);
          await pushUnpushed(of);
        },
      };
      const names = [
        ...Array(8).fill("send"),
        ...Object.keys(actions),
        "edit",
        "add",
        "add",
      ] as (keyof typeof actions)[];
      for (let wave = 0; wave < WAVES; wave++) {
        const done = await Promise.allSettled(
          Array.from({ length: WAVE }, async () =>
            actions[pick(names)](pick(all), pick(conversations)),
          ),
        );
        const faults = done.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
        for (const reason of faults) expect(reason).toMatchObject({ name: "ChatError" });
      }
      for (const each of all) await each.settled();
      await heal(conversations);
      for (const conversationId of conversations) {
        await expectAllTold(all, conversationId);
        const rows = await control
          .select({ seq: chatEntries.seq })
          .from(chatEntries)
          .where(eq(chatEntries.conversationId, conversationId))
          .orderBy(chatEntries.seq);
        expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1));
        expect(await pushedSeqOf(conversationId)).toEqual({
          pushed: rows.length,
          last: rows.length,
        });
      }
      // It was no empty run.
      expect(sent.length).toBeGreaterThan(10);
    },
  );
});
