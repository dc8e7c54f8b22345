import type { LoggedFrame } from "../../src/channels/frame.ts";
import type { ChatContext, ChatVersion } from "../../src/chat/index.ts";
import { userTopic } from "../../src/chat/index.ts";
import { readSettings } from "../../src/context.ts";
import { findSource, type IngestSource } from "../../src/ingest/index.ts";
import { bindings, call, control, type Json, makeTenant, shard, type Tenant } from "./support.ts";

export type ChatTenant = Tenant & { source: IngestSource };

let tenants = 0;

/** An organization with a source of preset `chat`. */
export async function makeChat(name = "chat"): Promise<ChatTenant> {
  const slug = `${name}-${tenants++}`;
  const tenant = await makeTenant(slug);
  await call(tenant, "POST", "/sources", { slug, preset: "chat" });
  const source = await findSource(control, { kind: "slug", name: slug }, 0);
  if (!source) throw new Error("the source is not there");
  return { ...tenant, source };
}

/** A user, as the verbs are told of one; `settled` waits for what goes on after a verb's answer. */
export type Chatter = ChatContext & { settled: () => Promise<void> };

export function chatter(
  { organizationId, source }: ChatTenant,
  id: string,
  more: Partial<ChatContext> & { version?: ChatVersion } = {},
): Chatter {
  const waiting: Promise<unknown>[] = [];
  return {
    db: control,
    channels: bindings.CHANNEL,
    shards: [shard],
    bodies: bindings.BODIES,
    eventsQueue: bindings.EVENTS_QUEUE,
    settings: readSettings(bindings),
    rateLimits: bindings.RATE_LIMIT,
    waitUntil: (promise) => void waiting.push(promise),
    source,
    user: { organizationId, id, name: id.toUpperCase(), expiresAt: Date.now() + 60_000 },
    version: 2,
    ...more,
    settled: async () => {
      while (waiting.length > 0) await waiting.shift();
    },
  };
}

export type ToldPush = Json & { type: string };

/** All that a user's channel has, in its order. */
export async function pushesOf({ user }: ChatContext): Promise<ToldPush[]> {
  const channel = bindings.CHANNEL.getByName(userTopic(user.organizationId, user.id));
  const all: LoggedFrame[] = [];
  for (let since = "all"; ; ) {
    const { frames, position } = await channel.history(since, 1000);
    if (frames.length === 0) break;
    all.push(...frames);
    since = position;
  }
  return all.map(({ event, data }) => ({ type: event, ...(JSON.parse(data) as Json) }));
}

/** What the messages say that a user was told of. */
export async function textsOf(of: ChatContext): Promise<unknown[]> {
  const pushes = await pushesOf(of);
  return pushes.filter(({ type }) => type === "new-message").map(({ content }) => content);
}
