import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { type Context, readSettings } from "../../src/context.ts";
import { openEvents } from "../../src/db/client.ts";
import { deliveries } from "../../src/db/schema/events.ts";
import { replayEvent } from "../../src/deliveries/replay-event.ts";
import { bindings, call, control, insertEvent, makeTenant, shard, type Tenant } from "./support.ts";

let a: Tenant;
let destinationId: string;
beforeAll(async () => {
  a = await makeTenant("replay-gone");
  const { json } = await call(a, "POST", "/destinations", {
    name: "receiver",
    kind: "http",
    config: { url: "https://receiver.example/hook" },
  });
  destinationId = String(json.id);
});

/** The event database, where an event is deleted just before a batch is written. */
function forgetting(eventId: string): D1Database {
  const d1 = bindings.EVENTS_0;
  return {
    prepare: (query: string) => d1.prepare(query),
    batch: async (statements: D1PreparedStatement[]) => {
      await d1.prepare("DELETE FROM events WHERE id = ?").bind(eventId).run();
      return d1.batch(statements);
    },
  } as unknown as D1Database;
}

const contextWith = (d1: D1Database) =>
  ({
    db: control,
    shards: [openEvents(d1)],
    bodies: bindings.BODIES,
    deliveriesQueue: { sendBatch: async () => {}, send: async () => {} },
    settings: readSettings(bindings),
    organizationId: a.organizationId,
    isOperator: false,
  }) as unknown as Context;

const deliveriesOf = (eventId: string) =>
  shard.select().from(deliveries).where(eq(deliveries.eventId, eventId));

it("an event that is deleted meanwhile is not replayed: 404, and no delivery without an event", async () => {
  const eventId = await insertEvent(a);
  const ctx = contextWith(forgetting(eventId));
  await expect(replayEvent(ctx, eventId, { destinationId })).rejects.toMatchObject({
    code: "not_found",
  });
  expect(await deliveriesOf(eventId)).toEqual([]);
});

it("one that is there is, with its edit", async () => {
  const eventId = await insertEvent(a);
  const edit = { headers: { "x-a": "1" }, body: "edited" };
  const { deliveries: made } = await replayEvent(contextWith(bindings.EVENTS_0), eventId, {
    destinationId,
    edit,
  });
  const [row, ...more] = await deliveriesOf(eventId);
  expect(more).toEqual([]);
  expect(row).toMatchObject({
    id: made[0]?.id,
    status: "pending",
    destinationId,
    ruleId: null,
    late: 0,
    uncounted: 0,
    attempt: 0,
    editHeaders: { "x-a": "1" },
    request: null,
    response: null,
  });
  expect(new TextDecoder().decode(row?.editBody ?? undefined)).toBe("edited");
});
