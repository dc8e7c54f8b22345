import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { openEvents } from "../../src/db/client.ts";
import { newId } from "../../src/ids.ts";
import { storeUnrouted } from "../../src/ingest/store-unrouted.ts";

const { EVENTS_0 } = env as unknown as EdgeEnv;

it.each<[string, number | null, number]>([
  ["nobody has watched", null, 0],
  ["nobody watches any more", Date.now() - 1, 0],
  ["somebody watches", Date.now() + 60_000, 1],
])(
  "what is stored and not handed on has a task only for watchers: %s",
  async (_, watchedUntil, expected) => {
    const sent: unknown[] = [];
    const queue = {
      send: async (task: unknown) => void sent.push(task),
    } as unknown as Queue<never>;
    const sourceId = newId("source");
    const id = await storeUnrouted(
      { db: openEvents(EVENTS_0), queue, waitUntil: () => {} },
      {
        id: sourceId,
        organizationId: "org_test",
        slug: "x",
        shard: 0,
        enabled: true,
        response: null,
        verification: null,
        dedup: null,
        preset: "generic",
        requireSender: false,
        senders: [],
        watchedUntil,
      },
      {
        method: "POST",
        host: "x.localhost",
        path: "/",
        query: "",
        headers: [],
        contentType: null,
        ip: null,
        senderId: null,
        senderBy: null,
        senderName: "test",
        network: {},
        hops: 0,
        body: { size: 0, sha256: "", inline: null, key: null },
      },
      "muted",
    );
    expect(sent).toEqual(Array.from({ length: expected }, () => ({ eventId: id, sourceId })));
  },
);
