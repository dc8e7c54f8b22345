import { beforeEach, describe, expect, it } from "vitest";
import { consumerDeps } from "../../src/deliveries/deps.ts";
import { loadEarlier } from "../../src/deliveries/earlier-tries.ts";
import type { ClaimedDelivery } from "../../src/deliveries/run-claimed.ts";
import { runJob } from "../../src/jobs/run-job.ts";
import {
  countOf,
  dyingEnv,
  emulator,
  interrupt,
  KEYS,
  poll,
  receiptOf,
  relayToSens,
  retry,
  sendTo,
  watchedEnv,
} from "./sens-support.ts";
import {
  attemptsOf,
  consume,
  consumerEnv,
  deliveriesOf,
  deliveryOf,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
} from "./support.ts";

beforeEach(() => emulator("/forget"));

const sentTo = async () =>
  (await emulator()).requests.flatMap(({ messages }) => messages.map(({ to }) => to));

it("an event becomes a text message; what was taken stands on the delivery", async () => {
  const relay = await relayToSens();
  const row = await sendTo(relay, "[Web발신]\n신한카드(1234)승인");
  expect(row).toMatchObject({ status: "succeeded", attempt: 1, reason: null });
  const { requests } = await emulator();
  expect(requests.map(({ messages }) => messages)).toMatchObject([
    [{ to: "01012345678", content: "[Web발신]\n신한카드(1234)승인" }],
  ]);
  expect(receiptOf(row)).toMatchObject({
    status: "pending",
    requestIds: [requests[0]?.requestId],
    messages: [{ to: "01012345678", status: "pending" }],
  });
  expect(row.receipt_due_at).toBeGreaterThan(Date.now());
  for (const secret of [KEYS.accessKey, KEYS.secretKey]) {
    expect(JSON.stringify(row)).not.toContain(secret);
  }
});

describe("a message that was taken without our knowing", () => {
  it.each(["hang_after", "cut_after", "error_after"])(
    "%s: is found, and sent once",
    async (mode) => {
      const relay = await relayToSens();
      await emulator("/mode", { script: [mode] });
      const first = await sendTo(relay);
      expect(first).toMatchObject({ status: "retrying", outcome: "failed" });
      await retry(relay.env, first.id);
      expect(await deliveryOf(first.eventId)).toMatchObject({ status: "succeeded", attempt: 2 });
      expect(await sentTo()).toEqual(["01012345678"]);
    },
  );

  it("a process killed between call and record: the next try finds it, and sends once", async () => {
    const relay = await relayToSens();
    const task = await makeEvent(relay.source);
    await consume(dyingEnv(relay.env), "events", [task]);
    const { id, status } = await deliveryOf(task.eventId);
    expect([status, await sentTo()]).toEqual(["delivering", ["01012345678"]]);
    await interrupt(relay.env, id);
    expect(await deliveryOf(task.eventId)).toMatchObject({ outcome: "interrupted" });
    await retry(relay.env, id);
    const row = await deliveryOf(task.eventId);
    expect(row).toMatchObject({ status: "succeeded", attempt: 2 });
    expect(receiptOf(row).requestIds).toHaveLength(1);
    expect(await sentTo()).toEqual(["01012345678"]);
    expect(await attemptsOf(id)).toEqual([
      { number: 1, outcome: "interrupted", reason: "interrupted" },
    ]);
  });

  it("a process killed long after its claim, in a queue for its turn: its call is found", async () => {
    const relay = await relayToSens();
    const task = await makeEvent(relay.source);
    await consume(dyingEnv(relay.env), "events", [task]);
    const { id } = await deliveryOf(task.eventId);
    await consumerEnv.EVENTS_0.prepare(
      "UPDATE deliveries SET started_at = started_at - 80000 WHERE id = ?",
    )
      .bind(id)
      .run();
    await interrupt(relay.env, id);
    await retry(relay.env, id);
    expect(await deliveryOf(task.eventId)).toMatchObject({ status: "succeeded", attempt: 2 });
    expect(await sentTo()).toEqual(["01012345678"]);
  });

  it("a process killed before the call: the next try finds nothing, and sends", async () => {
    const relay = await relayToSens();
    await emulator("/mode", { script: ["cut_before"] });
    const task = await makeEvent(relay.source);
    await consume(dyingEnv(relay.env), "events", [task]);
    const { id } = await deliveryOf(task.eventId);
    await interrupt(relay.env, id);
    await retry(relay.env, id);
    expect(await deliveryOf(task.eventId)).toMatchObject({ status: "succeeded" });
    expect(await sentTo()).toEqual(["01012345678"]);
  });

  it("while SENS cannot say, nothing is sent", async () => {
    const relay = await relayToSens();
    await emulator("/mode", { script: ["hang_after"], list: "down" });
    const first = await sendTo(relay);
    await retry(relay.env, first.id);
    expect(await deliveryOf(first.eventId)).toMatchObject({
      status: "retrying",
      reason: "unresolved",
    });
    await emulator("/mode", { list: "ok" });
    await retry(relay.env, first.id);
    expect(await deliveryOf(first.eventId)).toMatchObject({ status: "succeeded", attempt: 3 });
    expect(await sentTo()).toEqual(["01012345678"]);
  });

  it.each([
    ["a first try", 1, 1000, "unresolved"],
    ["a try that began before", 2, -1000, "unresolved"],
    ["a try that began after", 2, 1000, null],
  ])(
    "while %s of another delivery may be whose message it is: %#",
    async (_, attempt, later, reason) => {
      const relay = await relayToSens();
      await emulator("/mode", { script: ["cut_after", "down"] });
      const first = await sendTo(relay);
      const other = await sendTo(relay);
      await consumerEnv.EVENTS_0.prepare(
        "UPDATE deliveries SET status = 'delivering', attempt = ?, started_at = ?, lease_until = ? WHERE id = ?",
      )
        .bind(attempt, Date.now() + later, Date.now() + 60_000, other.id)
        .run();
      await retry(relay.env, first.id);
      const row = await deliveryOf(first.eventId);
      expect([row.reason, row.uncounted]).toEqual([reason, reason ? 1 : 0]);
      expect(await sentTo()).toHaveLength(1);
    },
  );

  /** One of two equal texts was taken and one was not: each event has its own message in the end. */
  it("two events with one text: both are sent, neither twice", async () => {
    const relay = await relayToSens();
    await emulator("/mode", { script: ["cut_after", "cut_before"] });
    const tasks = [await makeEvent(relay.source), await makeEvent(relay.source)];
    await consume(relay.env, "events", tasks);
    const ids: string[] = [];
    for (const { eventId } of tasks) ids.push((await deliveryOf(eventId)).id);
    for (let tries = 0; tries < 6; tries++) await retry(relay.env, ...ids);
    const requestIds: string[] = [];
    for (const { eventId } of tasks) {
      const row = await deliveryOf(eventId);
      expect(row.status).toBe("succeeded");
      requestIds.push(...receiptOf(row).requestIds);
    }
    expect([new Set(requestIds).size, (await sentTo()).length]).toEqual([2, 2]);
  });
});

it("a request of another destination of the organization is not taken for its own", async () => {
  const [one, other] = [await relayToSens(), await relayToSens()];
  await emulator("/mode", { script: ["cut_before", "ok"] });
  const first = await sendTo(one);
  await sendTo(other);
  await retry(one.env, first.id);
  expect((await deliveryOf(first.eventId)).status).toBe("succeeded");
  expect(await sentTo()).toHaveLength(2);
});

it("of other deliveries' receipts only the requests in question are read", async () => {
  const [one, other] = [await relayToSens(), await relayToSens()];
  const rows = [await sendTo(one), await sendTo(other, "another text")];
  const [own, theirs] = rows.map((row) => receiptOf(row).requestIds[0] ?? "");
  const deps = consumerDeps(one.env);
  const destination = { id: one.destination, kind: "sens_sms", timeoutMs: 1000 };
  const row = { id: rows[0]?.id, organizationId: "org_test", destinationId: one.destination };
  const claimed = { row: { ...row, attempt: 2 }, destination } as ClaimedDelivery;
  const earlier = await loadEarlier(deps, claimed);
  const rivals = (...ids: string[]) => earlier?.rivals(Date.now(), ids);
  expect(await rivals(own ?? "", theirs ?? "")).toEqual({
    taken: new Set([theirs]),
    isBusy: false,
  });
  expect(await rivals("other")).toEqual({ taken: new Set(), isBusy: false });
});

it("what SENS has taken of many recipients is not sent again when the rest is", async () => {
  const to = Array.from({ length: 150 }, (_, i) => `0105555${String(i).padStart(4, "0")}`);
  const relay = await relayToSens({ to });
  await emulator("/mode", { script: ["ok", "down"] });
  const first = await sendTo(relay);
  expect([first.status, receiptOf(first).messages.length]).toEqual(["retrying", 100]);
  await retry(relay.env, first.id);
  expect((await deliveryOf(first.eventId)).status).toBe("succeeded");
  expect(await sentTo()).toEqual(to);
});

it("other kinds do not pay for it: they read no earlier tries and write no receipt", async () => {
  const queries: string[] = [];
  const source = await makeSource();
  const http = await makeDestination("status/500");
  await makeRule(source, http.id);
  const relay = await relayToSens();
  await makeRule(source, relay.destination);
  const env = watchedEnv(relay.env, (query) => queries.push(query));
  const task = await makeEvent(source);
  await consume(env, "events", [task]);
  const toHttp = (await deliveriesOf(task.eventId)).find((row) => row.destination_id === http.id);
  queries.length = 0;
  await retry(env, toHttp?.id ?? "");
  expect(queries.filter((query) => /select .* from "attempts"|"receipt" = /.test(query))).toEqual(
    [],
  );
  expect(queries.some((query) => query.startsWith('update "deliveries" set "status"'))).toBe(true);
});

it("refused keys disable the destination", async () => {
  const relay = await relayToSens({ secretKey: "another-secret-key-of-some-length" });
  expect(await sendTo(relay)).toMatchObject({ status: "failed", end_reason: "rejected" });
  const row = await consumerEnv.DB.prepare("SELECT * FROM destinations WHERE id = ?")
    .bind(relay.destination)
    .first();
  expect(row).toMatchObject({ enabled: 0, disabled_reason: "rejected" });
});

describe("the daily cap", () => {
  it("lets as many recipients through as it says, also at the same time", async () => {
    const relay = await relayToSens({ dailyCap: 3, to: ["01011111111", "01022222222"] });
    const tasks = [];
    for (let i = 0; i < 3; i++) tasks.push(await makeEvent(relay.source, { body: `text ${i}` }));
    await consume(relay.env, "events", tasks);
    const rows = [];
    for (const { eventId } of tasks) rows.push(await deliveryOf(eventId));
    expect(rows.map(({ status }) => status).toSorted()).toEqual(["failed", "failed", "succeeded"]);
    const failed = rows.find(({ status }) => status === "failed");
    expect(failed).toMatchObject({ end_reason: "daily_cap" });
    expect(receiptOf(failed ?? {}).problem).toMatch(/over the cap of 3/);
    expect([await sentTo(), await countOf(relay.destination)]).toEqual([
      ["01011111111", "01022222222"],
      2,
    ]);
  });

  it("is another one on another day: a retry by hand sends then", async () => {
    const relay = await relayToSens({ dailyCap: 1 });
    await sendTo(relay, "one");
    const second = await sendTo(relay, "two");
    expect(second).toMatchObject({ status: "failed", end_reason: "daily_cap" });
    await consumerEnv.DB.prepare(
      "UPDATE destination_counts SET day = '2026-01-01' WHERE destination_id = ?",
    )
      .bind(relay.destination)
      .run();
    await consumerEnv.EVENTS_0.prepare("UPDATE deliveries SET status = 'retrying' WHERE id = ?")
      .bind(second.id)
      .run();
    await retry(relay.env, second.id);
    expect(await deliveryOf(second.eventId)).toMatchObject({ status: "succeeded" });
  });

  it.each(["down", "rate_limited", "failed"])(
    "counts nothing for a call that was %s",
    async (mode) => {
      const relay = await relayToSens({ dailyCap: 5 });
      await emulator("/mode", { script: [mode] });
      await sendTo(relay);
      expect(await countOf(relay.destination)).toBe(0);
    },
  );

  it("counts a call in doubt once, whether it had been taken or not", async () => {
    for (const mode of ["cut_after", "cut_before"]) {
      const relay = await relayToSens({ dailyCap: 1 });
      await emulator("/mode", { script: [mode] });
      const first = await sendTo(relay, mode);
      expect(await countOf(relay.destination)).toBe(1);
      await retry(relay.env, first.id);
      expect((await deliveryOf(first.eventId)).status).toBe("succeeded");
      expect(await countOf(relay.destination)).toBe(1);
    }
    expect(await sentTo()).toHaveLength(2);
  });

  it("is forgotten when its day is over", async () => {
    const relay = await relayToSens({ dailyCap: 5 });
    await sendTo(relay);
    await consumerEnv.DB.prepare("INSERT INTO destination_counts VALUES (?, '2026-01-01', 4)")
      .bind(relay.destination)
      .run();
    expect(await countOf(relay.destination)).toBe(5);
    expect((await runJob(relay.env, "prune")).destinationCounts).toBeGreaterThan(0);
    expect(await countOf(relay.destination)).toBe(1);
  });
});

describe("what became of it", () => {
  const fail = {
    status: "COMPLETED",
    statusCode: "3018",
    statusName: "fail",
    statusMessage: "결번",
  };

  it("is asked until every message has an end", async () => {
    const relay = await relayToSens({ to: ["01011111111", "01022222222"] });
    const { id, eventId } = await sendTo(relay);
    await emulator("/advance");
    expect((await poll(relay.env, id)).polled).toBeGreaterThan(0);
    const under = await deliveryOf(eventId);
    expect(receiptOf(under)).toMatchObject({ status: "pending", checks: 1 });
    const wait = Number(under.receipt_due_at) - Date.now();
    expect(wait).toBeGreaterThan(50_000);
    await emulator("/advance", { "01022222222": fail });
    await poll(relay.env, id);
    const row = await deliveryOf(eventId);
    expect(row).toMatchObject({ status: "succeeded", receipt_due_at: null });
    expect(receiptOf(row)).toMatchObject({
      status: "partly_delivered",
      messages: [
        { to: "01011111111", status: "delivered", statusName: "success" },
        { to: "01022222222", status: "failed", statusCode: "3018", statusMessage: "결번" },
      ],
    });
    expect(receiptOf(row).messages[0]?.completedAt).toMatch(/^\d{4}-.*Z$/);
  });

  it.each(["down", "hang"])(
    "harms no delivery while SENS is %s, and is unknown in the end",
    async (list) => {
      const relay = await relayToSens();
      const { id, eventId } = await sendTo(relay);
      await emulator("/mode", { list });
      for (let i = 0; i < 3; i++) await poll(relay.env, id);
      expect(receiptOf(await deliveryOf(eventId))).toMatchObject({ status: "pending", checks: 3 });
      await poll(relay.env, id);
      const row = await deliveryOf(eventId);
      expect(row).toMatchObject({ status: "succeeded", receipt_due_at: null });
      expect(receiptOf(row)).toMatchObject({
        status: "unknown",
        messages: [{ status: "unknown" }],
      });
    },
  );

  it("is unknown once its destination is gone", async () => {
    const relay = await relayToSens();
    const { id, eventId } = await sendTo(relay);
    await consumerEnv.DB.batch([
      consumerEnv.DB.prepare("DELETE FROM rules WHERE destination_id = ?").bind(relay.destination),
      consumerEnv.DB.prepare("DELETE FROM destinations WHERE id = ?").bind(relay.destination),
    ]);
    await poll(relay.env, id);
    const row = await deliveryOf(eventId);
    expect([receiptOf(row).status, row.receipt_due_at]).toEqual(["unknown", null]);
  });

  it("does not wait for the many of another destination whose service is silent", async () => {
    const silent = await relayToSens();
    const many = [await sendTo(silent), await sendTo(silent)];
    const relay = await relayToSens();
    const { id, eventId } = await sendTo(relay);
    await emulator("/mode", { list: "hang" });
    for (const one of many) {
      await consumerEnv.EVENTS_0.prepare("UPDATE deliveries SET receipt_due_at = 0 WHERE id = ?")
        .bind(one.id)
        .run();
    }
    await poll(relay.env, id);
    const checkedAt = async (of: string) =>
      (JSON.parse(String((await deliveryOf(of)).receipt)) as { checkedAt: number }).checkedAt;
    const others = await Promise.all(many.map((one) => checkedAt(one.eventId)));
    expect(await checkedAt(eventId)).toBeLessThan(Math.max(...others));
  });

  it("that is not due is not asked", async () => {
    const relay = await relayToSens();
    // What other tests have sent may have become due meanwhile.
    await consumerEnv.EVENTS_0.exec("UPDATE deliveries SET receipt_due_at = NULL");
    await sendTo(relay);
    const before = (await emulator()).calls.length;
    await runJob(relay.env, "receipts");
    expect((await emulator()).calls).toHaveLength(before);
  });

  it("a phone that was not reached is sent to again by hand, and no other", async () => {
    const relay = await relayToSens({ to: ["01011111111", "01022222222"] });
    const { id, eventId } = await sendTo(relay);
    await emulator("/advance");
    await emulator("/advance", { "01022222222": fail });
    await poll(relay.env, id);
    await consumerEnv.EVENTS_0.prepare("UPDATE deliveries SET status = 'retrying' WHERE id = ?")
      .bind(id)
      .run();
    await retry(relay.env, id);
    expect(await sentTo()).toEqual(["01011111111", "01022222222", "01022222222"]);
    expect(receiptOf(await deliveryOf(eventId)).status).toBe("pending");
  });
});
