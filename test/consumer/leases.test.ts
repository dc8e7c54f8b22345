import { eq } from "drizzle-orm";
import { expect, it, vi } from "vitest";
import { destinations } from "../../src/db/schema/control.ts";
import { consumerDeps } from "../../src/deliveries/deps.ts";
import { loadEvents } from "../../src/deliveries/load-events.ts";
import { openDestination } from "../../src/deliveries/open-destination.ts";
import { type ClaimedDelivery, newMemory, runOne } from "../../src/deliveries/run-claimed.ts";
import {
  consume,
  consumerEnv,
  deliveryOf,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

const SOON_MS = 1000;
const TIMEOUT_MS = 20_000;

/** A delivery that is claimed for its second try, by a lease that is about to end. */
async function claimed(leaseInRow: string) {
  const { env } = fakeQueues();
  const deps = consumerDeps(env);
  const source = await makeSource();
  const destination = await makeDestination("slow/400", { config: { timeoutMs: TIMEOUT_MS } });
  await makeRule(source, destination.id);
  const task = await makeEvent(source);
  await consume(env, "events", [task]);
  const { id } = await deliveryOf(task.eventId);
  const leaseUntil = Date.now() + SOON_MS;
  await consumerEnv.EVENTS_0.prepare(
    "UPDATE deliveries SET status = 'delivering', attempt = 2, started_at = 0, lease_id = ?, lease_until = ? WHERE id = ?",
  )
    .bind(leaseInRow, leaseUntil, id)
    .run();
  const [row] = await deps.db
    .select()
    .from(destinations)
    .where(eq(destinations.id, destination.id));
  const event = (await loadEvents(deps, [task.eventId])).get(task.eventId);
  if (!row || !event) throw new Error("not made");
  const delivery: ClaimedDelivery = {
    row: {
      id,
      eventId: event.id,
      organizationId: event.organizationId,
      sourceId: source,
      ruleId: null,
      destinationId: destination.id,
      status: "delivering",
      endReason: null,
      createdAt: 0,
      nextAttemptAt: null,
      leaseId: "ours",
      leaseUntil,
      attempt: 2,
      attemptId: "att_2",
      startedAt: 0,
    },
    event,
    source: { slug: "x", name: "x", preset: "generic" },
    ruleName: null,
    destination: await openDestination(deps.settings, row),
  };
  return { deps, delivery, task, key: destination.key };
}

it("a lease that would end during the call is renewed before it", async () => {
  const { deps, delivery, task, key } = await claimed("ours");
  const running = runOne(deps, delivery, newMemory());
  await vi.waitFor(async () => expect(await received(key)).toHaveLength(2), 5000);
  const row = await deliveryOf(task.eventId);
  expect(row.lease_until).toBeGreaterThan(Date.now() + TIMEOUT_MS);
  // What a try that is then interrupted has done is looked for from here.
  expect(Number(row.lease_until) - Number(row.started_at)).toBe(TIMEOUT_MS + deps.leaseMarginMs);
  await running;
  expect(await deliveryOf(task.eventId)).toMatchObject({ status: "succeeded", attempt: 2 });
});

it("a lease that somebody else has taken meanwhile means that no call is made", async () => {
  const { deps, delivery, task, key } = await claimed("theirs");
  await runOne(deps, delivery, newMemory());
  expect(await received(key)).toHaveLength(1);
  expect((await deliveryOf(task.eventId)).status).toBe("delivering");
});

it("a batch that must end soon sets back what could not end in time, untried", async () => {
  const { deps, delivery, task, key } = await claimed("ours");
  const memory = { ...newMemory(), endBy: Date.now() + TIMEOUT_MS - 1 };
  await runOne(deps, delivery, memory);
  expect(await received(key)).toHaveLength(1);
  expect(await deliveryOf(task.eventId)).toMatchObject({ status: "retrying", attempt: 1 });
});
