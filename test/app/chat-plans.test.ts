import { beforeAll, describe, expect, it } from "vitest";
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
  pushUnpushed,
  readMessages,
  removeParticipant,
  renameConversation,
  sendMessage,
  setMuted,
  tellTyping,
  unblock,
} from "../../src/chat/index.ts";
import { openControl } from "../../src/db/client.ts";
import { countingD1 } from "../consumer/counting-d1.ts";
import { stopping } from "./chat-faults.ts";
import { age } from "./chat-log.ts";
import { type ChatTenant, type Chatter, chatter, makeChat } from "./chat-support.ts";
import { bindings } from "./support.ts";

/*
 * Every statement of chat reads only what it is about, however much is kept; and a message costs few rows.
 */

let tenant: ChatTenant;
let [ann, bob]: Chatter[] = [];
let conversationId: string;
let direct: string;
let messageId: string;
beforeAll(async () => {
  tenant = await makeChat("plans");
  ann = chatter(tenant, "ann");
  bob = chatter(tenant, "bob");
  ({ conversationId } = await createGroup(ann, { userIds: ["bob", "eve"], title: "Team" }));
  direct = (await createDirect(ann, { userId: "bob" })).conversationId;
  ({ messageId } = await sendMessage(ann, { conversationId, content: "x" }));
  await ann.settled();
});

type Seen = { query: string; params: unknown[] };

/** The real database, and the statements that were sent to it. */
function watched(): { d1: D1Database; seen: Seen[] } {
  const seen: Seen[] = [];
  const real = bindings.DB;
  const d1 = {
    prepare: (query: string) => {
      const statement = real.prepare(query);
      const params: unknown[] = [];
      seen.push({ query, params });
      return new Proxy(statement, {
        get: (target, name) => {
          if (name !== "bind") return Reflect.get(target, name).bind(target);
          return (...values: unknown[]) => {
            params.push(...values);
            return target.bind(...values);
          };
        },
      });
    },
    batch: (statements: D1PreparedStatement[]) => real.batch(statements),
  } as D1Database;
  return { d1, seen };
}

/** How SQLite goes about all that a verb asks of it. */
async function planOf(run: (of: ChatContext) => Promise<unknown>): Promise<string[]> {
  const { d1, seen } = watched();
  const of = chatter(tenant, "ann", { db: openControl(d1) });
  await run(of);
  await of.settled();
  expect(seen).not.toEqual([]);
  const plans = seen.map(({ query, params }) =>
    bindings.DB.prepare(`EXPLAIN QUERY PLAN ${query}`)
      .bind(...params)
      .all<{ detail: string }>(),
  );
  return (await Promise.all(plans)).flatMap(({ results }) => results.map(({ detail }) => detail));
}

/** Steps that walk a whole table; what a parameter lists is no table. */
/** `page`: what a list has found already, at most one page of it. */
function scans(plan: string[]): string[] {
  return plan.filter(
    (step) =>
      step.startsWith("SCAN") && !/VIRTUAL TABLE|CONSTANT ROW|subquery|^SCAN page$/i.test(step),
  );
}

describe("no verb walks a whole table", () => {
  const verbs: Record<string, (of: ChatContext) => Promise<unknown>> = {
    sendMessage: (of) => sendMessage(of, { conversationId, content: "y", tempMessageId: "t" }),
    editMessage: (of) => editMessage(of, { conversationId, messageId, content: "z" }),
    "editMessage of nothing": (of) => editMessage(of, { conversationId, messageId, content: "z" }),
    readMessages: (of) => readMessages(of, { conversationId }),
    "readMessages up to one": (of) => readMessages(of, { conversationId, messageId }),
    tellTyping: (of) => tellTyping(of, { conversationId, isTyping: true }),
    createDirect: (of) => createDirect(of, { userId: "kim" }),
    createGroup: (of) => createGroup(of, { userIds: ["kim"], title: "x", key: "k" }),
    addParticipants: (of) => addParticipants(of, { conversationId, userIds: ["kim", "lee"] }),
    "addParticipants again": (of) => addParticipants(of, { conversationId, userIds: ["kim"] }),
    removeParticipant: (of) => removeParticipant(of, { conversationId, userId: "kim" }),
    renameConversation: (of) => renameConversation(of, { conversationId, title: "Other" }),
    setMuted: (of) => setMuted(of, { conversationId, isMuted: true }),
    block: (of) => block(of, { userId: "mia" }),
    listBlocks,
    unblock: (of) => unblock(of, { userId: "mia" }),
    listConversations: (of) => listConversations(of, { isRead: false, before: FAR, limit: 10 }),
    "listConversations of version 1": (of) => listConversations({ ...of, version: 1 }, {}),
    getConversation: (of) => getConversation(of, { conversationId }),
    findDirect: (of) => findDirect(of, { userId: "bob" }),
    listMessages: (of) => listMessages(of, { conversationId, limit: 10, offset: 2 }),
    "listMessages before one": (of) =>
      listMessages(of, { conversationId, limit: 10, before: messageId }),
    "listMessages after one": (of) =>
      listMessages(of, { conversationId, limit: 10, after: messageId }),
    listParticipants: (of) => listParticipants(of, { conversationId }),
    deleteMessage: (of) => deleteMessage(of, { conversationId, messageId }),
    pushUnpushed: async (of) => {
      const dying = chatter(tenant, "ann", stopping(1, "behind"));
      await sendMessage(dying, { conversationId, content: "late" }).catch(() => {});
      await age(conversationId);
      expect(await pushUnpushed(of)).toEqual({ conversations: 1, unfinished: 0 });
    },
  };
  const FAR = `9999999999999.${crypto.randomUUID()}`;

  it.each(Object.entries(verbs))("%s", async (_, run) => {
    expect(scans(await planOf(run))).toEqual([]);
  });
});

describe("what is asked most", () => {
  it("the newest messages are read from the end of their key, without sorting", async () => {
    const plan = await planOf((of) => listMessages(of, { conversationId, limit: 10 }));
    expect(plan.join("\n")).toMatch(/SEARCH e USING (PRIMARY KEY|INDEX sqlite_autoindex)/);
    expect(plan.join("\n")).not.toMatch(/TEMP B-TREE/);
  });

  it("who is blocked by many is looked for among the blocks of those whom they mean", async () => {
    const plan = [
      ...(await planOf((of) => sendMessage(of, { conversationId: direct, content: "x" }))),
      ...(await planOf((of) => createDirect(of, { userId: "bob" }))),
      ...(await planOf((of) => addParticipants(of, { conversationId, userIds: ["bob"] }))),
    ];
    const blocks = plan.filter((step) => step.startsWith("SEARCH b "));
    expect(blocks).not.toEqual([]);
    expect(blocks.filter((step) => !step.includes("user_id=?"))).toEqual([]);
  });

  it("a user's conversations are found by the user", async () => {
    const plan = await planOf((of) => listConversations(of, {}));
    expect(plan.join("\n")).toMatch(/SEARCH p USING (COVERING )?INDEX chat_participants_user/);
  });

  it("the job finds what is untold by its own index", async () => {
    const plan = await planOf(pushUnpushed as never);
    expect(plan.join("\n")).toMatch(/USING (COVERING )?INDEX chat_conversations_unpushed/);
  });
});

describe("rows written", () => {
  async function rowsOf(run: (of: ChatContext) => Promise<unknown>) {
    const counting = countingD1(bindings.DB);
    const of = chatter(tenant, "ann", { db: openControl(counting.d1) });
    await run(of);
    await of.settled();
    expect(counting.uncounted()).toEqual([]);
    return { rows: counting.rowsWritten(), statements: counting.statements() };
  }

  it("of a message do not grow with the number of participants", async () => {
    const userIds = Array.from({ length: 40 }, (_, i) => `many-${i}`);
    const many = await createGroup(ann as Chatter, { userIds, title: "Many" });
    const send = (id: string) =>
      rowsOf((of) => sendMessage(of, { conversationId: id, content: "x" }));
    const [small, large] = [await send(direct), await send(many.conversationId)];
    // The entry and its id's key, the conversation and its place among the untold; then the conversation again.
    expect([small.rows, large.rows]).toEqual([5, 5]);
  });

  it("of what was read are one, and none when it was read before", async () => {
    await sendMessage(bob as Chatter, { conversationId: direct, content: "x" });
    const read = () => rowsOf((of) => readMessages(of, { conversationId: direct }));
    expect([(await read()).rows, (await read()).rows]).toEqual([1, 0]);
  });

  it("of a repeat are none", async () => {
    const input = { conversationId: direct, content: "x", tempMessageId: "again" };
    await sendMessage(ann as Chatter, input);
    await ann?.settled();
    expect((await rowsOf((of) => sendMessage(of, input))).rows).toBe(0);
  });
});
