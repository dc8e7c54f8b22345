import { and, between, eq } from "drizzle-orm";
import {
  type Channels,
  type NewFrame,
  type Ordered,
  type Published,
  parsePosition,
} from "../channels/index.ts";
import { chatEntries } from "../db/schema/chat.ts";
import { log } from "../log.ts";
import { CHANNEL_TIMEOUT_MS, CHANNELS_AT_ONCE, MAX_PUSH_ROUNDS, PUSH_PAGE } from "./constants.ts";
import { eachAtOnce } from "./each-at-once.ts";
import { type Entry, entryFor, frameOf, selectEntries } from "./entries.ts";
import type { PushState, Recipient } from "./push-state.ts";
import { type PushDeps, userTopic } from "./types.ts";

/** A recipient who had no connection when this publisher, and no other, told them of an entry. */
export type Absence = { userId: string; entry: Entry };

export type Told = {
  /** All recipients know all there is. */
  isComplete: boolean;
  /** In the channel of `own.userId`, the number of the push of entry `own.seq`. */
  ownSeq: number | null;
  absences: Absence[];
};

/** An entry whose push somebody waits for. */
type Own = {
  userId: string;
  seq: number;
  /** Called as soon as its number is known. */
  onTold?: (ownSeq: number) => void;
};
type Numbered = { entry: Entry; frame: NewFrame };

/**
 * Tells each recipient what they lack: the channels drop what they have and say what is missing before it. One channel
 * that fails keeps nobody else from theirs.
 */
export async function tellRecipients(
  { db, channels }: PushDeps,
  state: PushState,
  own?: Own,
): Promise<Told> {
  const told: Told = { isComplete: true, ownSeq: null, absences: [] };
  const pages = new Pages(db, state);
  await eachAtOnce(ownFirst(state.recipients, own), CHANNELS_AT_ONCE, async (recipient) => {
    try {
      await tellRecipient(channels, state, pages, recipient, told, own);
    } catch (error) {
      told.isComplete = false;
      log.warn("chat_channel_not_told", { conversationId: state.conversationId, error });
    }
  });
  if (own && told.ownSeq === null) await findOwn(channels, state, pages, own, told);
  return told;
}

/** The number of a push that was told before, if its channel still knows it. */
async function findOwn(
  channels: Channels,
  state: PushState,
  pages: Pages,
  own: Own,
  told: Told,
): Promise<void> {
  const { userId, seq } = own;
  try {
    const page = await pages.read(seq, seq);
    const ordered = { key: state.conversationId, first: seq, base: 0, findEarlier: true };
    const topic = userTopic(state.organizationId, userId);
    const answer = await publish(channels, topic, page, ordered);
    if (answer.kind === "published") noteTold(told, userId, page, answer, own);
  } catch (error) {
    log.warn("chat_push_not_found", { conversationId: state.conversationId, error });
  }
}

/** Who has written is told first: they wait for it. */
function ownFirst(recipients: Recipient[], own: Own | undefined): Recipient[] {
  const rank = ({ userId }: Recipient) => (userId === own?.userId ? 0 : 1);
  return recipients.toSorted((a, b) => rank(a) - rank(b));
}

async function tellRecipient(
  channels: Channels,
  state: PushState,
  pages: Pages,
  { userId, spans }: Recipient,
  told: Told,
  own: Own | undefined,
): Promise<void> {
  const isOwn = own?.userId === userId;
  let rounds = 0;
  // One after another: whoever was told of their coming must have been told of their going.
  for (const { base, to } of spans) {
    let next = Math.max(base, pages.begin(to)) + 1;
    while (next <= to) {
      if (rounds++ === MAX_PUSH_ROUNDS) throw new Error("there is more to tell than one run may");
      const page = pages.forOne(await pages.read(next, to), userId, base);
      const ordered = { key: state.conversationId, first: next, base, findEarlier: isOwn };
      const answer = await publish(
        channels,
        userTopic(state.organizationId, userId),
        page,
        ordered,
      );
      if (answer.kind === "conflict") throw new Error("a channel knows a key that has none");
      if (answer.kind === "missing") {
        next = answer.from;
        continue;
      }
      noteTold(told, userId, page, answer, isOwn ? own : undefined);
      next += page.length;
    }
  }
}

function noteTold(
  told: Told,
  userId: string,
  page: Numbered[],
  { ids, earlier, sockets }: Published & { kind: "published" },
  own: Own | undefined,
): void {
  const had = page.length - ids.length;
  const index = page.findIndex(({ entry }) => entry.seq === own?.seq);
  const id = index < had ? earlier?.[index] : ids[index - had];
  if (id) told.ownSeq = parsePosition(id)?.seq ?? null;
  if (own && told.ownSeq !== null) own.onTold?.(told.ownSeq);
  if (sockets > 0) return;
  told.absences.push(...page.slice(had).map(({ entry }) => ({ userId, entry })));
}

/** A channel that was too slow may have taken it: whoever tells it again adds nothing. */
async function publish(
  channels: Channels,
  topic: string,
  page: Numbered[],
  ordered: Ordered,
): Promise<Published> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer in time")), CHANNEL_TIMEOUT_MS);
  try {
    const frames = page.map(({ frame }) => frame);
    return await Promise.race([
      channels.getByName(topic).publish({ frames, ordered }),
      late.promise,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** Entries by number: the last ones are there, others are read once for all recipients that lack them. */
class Pages {
  readonly #db: PushDeps["db"];
  readonly #state: PushState;
  readonly #window: Numbered[];
  readonly #read = new Map<number, Promise<Numbered[]>>();

  constructor(db: PushDeps["db"], state: PushState) {
    this.#db = db;
    this.#state = state;
    this.#window = state.entries.map((entry) => this.#number(entry));
  }

  /** Up to where one may be taken to know: what came later is at hand, unless all of it is behind the end. */
  begin(to: number): number {
    const { lastSeq, pushedSeq } = this.#state;
    const beforeWindow = lastSeq - this.#window.length;
    return to > beforeWindow ? beforeWindow : pushedSeq;
  }

  /** From a number to the end, or as many as one publish takes; at least one. */
  async read(from: number, to: number): Promise<Numbered[]> {
    const page = await this.#from(from);
    const numbered = page.filter(({ entry }) => entry.seq >= from && entry.seq <= to);
    if (numbered[0]?.entry.seq !== from) throw new Error(`entry ${from} is not there`);
    return numbered;
  }

  /** A page as one recipient may see it. */
  forOne(page: Numbered[], userId: string, base: number): Numbered[] {
    return page.map((numbered) => {
      const entry = entryFor(userId, base, numbered.entry);
      return entry === numbered.entry ? numbered : this.#number(entry);
    });
  }

  #from(from: number): Promise<Numbered[]> | Numbered[] {
    const first = this.#window[0]?.entry.seq;
    if (first !== undefined && from >= first) return this.#window;
    const known = this.#read.get(from);
    if (known) return known;
    const page = this.#readPage(from);
    this.#read.set(from, page);
    return page;
  }

  async #readPage(from: number): Promise<Numbered[]> {
    const { conversationId } = this.#state;
    const entries = await selectEntries(this.#db)
      .where(
        and(
          eq(chatEntries.conversationId, conversationId),
          between(chatEntries.seq, from, from + PUSH_PAGE - 1),
        ),
      )
      .orderBy(chatEntries.seq);
    return entries.map((entry) => this.#number(entry));
  }

  #number(entry: Entry): Numbered {
    return { entry, frame: frameOf(this.#state.conversationId, entry) };
  }
}
