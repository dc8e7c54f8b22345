import { beforeEach, describe, expect, it } from "vitest";
import { listenerDueAt } from "../../src/deliveries/waiting-columns.ts";
import { newId } from "../../src/ids.ts";
import { runJob } from "../../src/jobs/run-job.ts";
import { daysAgo, forgetAll, keep, prune } from "./retention-support.ts";
import {
  attemptsOf,
  consume,
  consumerEnv,
  deliveryOf,
  eventStatus,
  fakeQueues,
  makeEvent,
  makeKind,
  makeSource,
} from "./support.ts";

const { EVENTS_0 } = consumerEnv;
beforeEach(forgetAll);

/** A delivery to a listener, as the app Worker writes it. */
async function makeListened(
  status: "delivering" | "retrying" | "pending",
  leaseUntil: number | null,
) {
  const source = await makeSource();
  const destination = await makeKind("listen", {});
  const { eventId } = await makeEvent(source);
  await EVENTS_0.prepare("UPDATE events SET status = 'routed', routed_at = 1 WHERE id = ?")
    .bind(eventId)
    .run();
  const id = newId("delivery", Date.now(), 0);
  const dueAt = status === "delivering" ? null : Date.now() - 60_000;
  await EVENTS_0.prepare(
    `INSERT INTO deliveries (id, event_id, organization_id, source_id, destination_id, status, created_at, attempt,
       attempt_id, started_at, lease_id, lease_until, late, receipt)
     VALUES (?, ?, 'org_test', ?, ?, ?, ?, 1, ?, ?, ?, ?, 1, ?)`,
  )
    .bind(
      id,
      eventId,
      source,
      destination,
      status,
      Date.now(),
      newId("attempt"),
      Date.now(),
      leaseUntil === null ? null : "lease",
      leaseUntil,
      JSON.stringify({ kind: "listen", dueAt }),
    )
    .run();
  return { id, eventId, destination };
}

describe("a delivery whose listener is away", () => {
  it.each(["pending", "retrying"] as const)(
    "%s: the sweep leaves it alone, for ever",
    async (status) => {
      const { env, sent } = fakeQueues();
      const { eventId } = await makeListened(status, null);
      const before = await deliveryOf(eventId);
      expect(await runJob(env, "sweep")).toMatchObject({ due: 0, interrupted: 0 });
      expect([sent, await deliveryOf(eventId)]).toEqual([[], before]);
    },
  );

  it("is in no range that is read each minute", async () => {
    for (const order of ["", "AND next_attempt_at IS NOT NULL ORDER BY next_attempt_at"]) {
      const { results } = await EVENTS_0.prepare(
        `EXPLAIN QUERY PLAN SELECT id FROM deliveries WHERE status IN ('pending', 'retrying')
           ${order || "AND next_attempt_at <= 1"}`,
      ).all<{ detail: string }>();
      expect(results.map(({ detail }) => detail).join()).toMatch(
        /SEARCH .*deliveries_due \(next_attempt_at/,
      );
    }
  });

  it("is not called by the consumer, whatever task leads there", async () => {
    const { env } = fakeQueues();
    const { id, eventId } = await makeListened("retrying", null);
    const before = await deliveryOf(eventId);
    await consume(env, "deliveries", [{ deliveryId: id }, { deliveryId: id, byHand: true }]);
    expect(await deliveryOf(eventId)).toEqual(before);
  });

  it("keeps no event longer than its source does", async () => {
    const source = await makeSource();
    const kept = await keep(source, daysAgo(31), { status: "retrying" });
    const waiting = await keep(source, daysAgo(31), { status: "retrying" });
    await EVENTS_0.prepare("UPDATE deliveries SET receipt = ? WHERE id = ?")
      .bind(JSON.stringify({ kind: "listen", dueAt: 1 }), waiting.deliveryId)
      .run();
    await prune();
    expect([await eventStatus(kept.eventId), await eventStatus(waiting.eventId)]).toEqual([
      "routed",
      undefined,
    ]);
  });
});

it("a listener that dies with a claim: the attempt is interrupted, and the next one waits for a listener", async () => {
  const { env, sent } = fakeQueues();
  const { id, eventId } = await makeListened("delivering", Date.now() - 1);
  const alive = await makeListened("delivering", Date.now() + 60_000);
  expect(await runJob(env, "sweep")).toMatchObject({ interrupted: 1 });
  expect(await deliveryOf(alive.eventId)).toMatchObject({ status: "delivering" });
  const row = await deliveryOf(eventId);
  expect(row).toMatchObject({
    status: "retrying",
    outcome: "interrupted",
    uncounted: 1,
    lease_id: null,
    next_attempt_at: null,
  });
  const dueAt = listenerDueAt({ status: "retrying", receipt: JSON.parse(String(row.receipt)) });
  expect(Date.now() - (dueAt ?? 0)).toBeLessThan(60_000);
  expect([sent, await attemptsOf(id)]).toEqual([[], []]);
});

it("an interrupted delivery to any other destination is due at once, as before", async () => {
  const { env, sent } = fakeQueues();
  const { id, eventId } = await makeListened("delivering", Date.now() - 1);
  await EVENTS_0.prepare("UPDATE deliveries SET receipt = NULL WHERE id = ?").bind(id).run();
  await runJob(env, "sweep");
  expect((await deliveryOf(eventId)).next_attempt_at).toBeGreaterThan(0);
  expect(sent.map(({ body }) => body)).toContainEqual({ deliveryId: id });
});
