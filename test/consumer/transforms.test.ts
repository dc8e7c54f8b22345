import { expect, it } from "vitest";
import type { Context } from "../../src/context.ts";
import { consumerDeps } from "../../src/deliveries/deps.ts";
import { getDelivery } from "../../src/deliveries/get-delivery.ts";
import { loadEvents } from "../../src/deliveries/load-events.ts";
import { makeOutput } from "../../src/deliveries/make-output.ts";
import type { ClaimedDelivery } from "../../src/deliveries/run-claimed.ts";
import { deleteRule } from "../../src/rules/delete-rule.ts";
import { CARD, CODE } from "../transforms/run.ts";
import {
  attemptsOf,
  consume,
  consumerEnv,
  deliveryOf,
  eventStatus,
  expire,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

const GOOD = [{ kind: "template", template: "{{ sms.amount | won }}" }];
const BAD = [
  { kind: "template", template: "{{ text }}" },
  { kind: "jsonata", expression: "json.nope" },
];
const SMS = JSON.stringify({ message: CARD });

const context = {
  ...consumerDeps(consumerEnv),
  organizationId: "org_test",
  isOperator: false,
} satisfies Context;

async function setTransform(ruleId: string, transform: unknown) {
  await consumerEnv.DB.prepare("UPDATE rules SET transform = ? WHERE id = ?")
    .bind(transform === null ? null : JSON.stringify(transform), ruleId)
    .run();
}

/** A routed event with one delivery by a rule with a transform. */
async function deliver(
  transform: unknown,
  body: string | Uint8Array<ArrayBuffer> = SMS,
  r2 = false,
) {
  const { env } = fakeQueues();
  const source = await makeSource();
  const destination = await makeDestination("ok", { schedule: [0, 60, 60] });
  const ruleId = await makeRule(source, destination.id, { transform });
  const task = await makeEvent(source, { body, r2 });
  await consume(env, "events", [task]);
  const { id } = await deliveryOf(task.eventId);
  const retry = async () => {
    await expire(id, "next_attempt_at");
    await consume(env, "deliveries", [{ deliveryId: id }]);
    return deliveryOf(task.eventId);
  };
  return { id, ruleId, destination, task, retry };
}

/** What the destination's driver is given for a delivery of this event. */
async function outputFor(transform: unknown, eventId: string, more: Partial<ClaimedDelivery> = {}) {
  const event = (await loadEvents(context, [eventId])).get(eventId);
  const row = { organizationId: "org_test", ruleId: "rul_x" };
  const source = { slug: "card", name: "Card", preset: "generic" };
  return makeOutput(context, { event, row, source, transform, ...more } as ClaimedDelivery);
}

it("a transform that fails is a failed attempt with its reason; mended, the next try goes through", async () => {
  const { id, ruleId, destination, task, retry } = await deliver(BAD);
  expect(await deliveryOf(task.eventId)).toMatchObject({
    status: "retrying",
    outcome: "failed",
    reason: "transform_failed",
  });
  expect(await eventStatus(task.eventId)).toBe("routed");
  expect(await received(destination.key)).toEqual([]);
  const { attempts } = await getDelivery(context, id);
  expect(attempts[0]).toMatchObject({
    reason: "transform_failed",
    detail: "step 2 (jsonata) gives nothing: what it looks for is not there",
  });
  expect(attempts[0]).not.toHaveProperty("request");
  await setTransform(ruleId, GOOD);
  expect(await retry()).toMatchObject({ status: "succeeded", attempt: 2 });
  expect(await received(destination.key)).toHaveLength(1);
  expect(await attemptsOf(id)).toEqual([
    { number: 1, outcome: "failed", reason: "transform_failed" },
  ]);
  expect((await getDelivery(context, id)).attempts[0]?.detail).toContain("step 2");
});

it("a transform that goes on failing ends its delivery by the schedule, and the event stays", async () => {
  const { task, retry } = await deliver(BAD);
  await retry();
  expect(await retry()).toMatchObject({ status: "failed", end_reason: "exhausted", attempt: 3 });
  expect(await eventStatus(task.eventId)).toBe("routed");
});

it.each([
  ["a kind of a newer version", [{ kind: "lua", code: "x" }], "transform.0.kind"],
  [
    "a filter of a newer version",
    [{ kind: "template", template: "{{ a | later }}" }],
    "undefined filter: later",
  ],
  ["no list", { kind: "template" }, "the stored transform cannot be read"],
])("a stored transform with %s fails its attempt, and no neighbour", async (_, transform, why) => {
  const { env } = fakeQueues();
  const source = await makeSource();
  const [broken, sound] = [await makeDestination(), await makeDestination()];
  await makeRule(source, broken.id, { transform });
  await makeRule(source, sound.id);
  const task = await makeEvent(source);
  expect(await consume(env, "events", [task])).toMatchObject({ acked: 1, retried: 0 });
  expect(await received(sound.key)).toHaveLength(1);
  const { results } = await consumerEnv.EVENTS_0.prepare(
    "SELECT reason, request ->> 'detail' AS detail FROM deliveries WHERE event_id = ? AND destination_id = ?",
  )
    .bind(task.eventId, broken.id)
    .all();
  expect(results[0]).toMatchObject({ reason: "transform_failed" });
  expect(results[0]?.detail).toContain(why);
});

it("a driver is given the output: text with its type, or JSON; and nothing without a transform", async () => {
  const source = await makeSource();
  const { eventId } = await makeEvent(source, { body: SMS });
  expect(await outputFor(GOOD, eventId)).toEqual({
    output: { kind: "text", text: "12,000원", contentType: "text/plain; charset=utf-8" },
  });
  const expression = '{"id": event.id, "from": sender.name, "at": source.slug}';
  expect(await outputFor([{ kind: "jsonata", expression }], eventId)).toEqual({
    output: {
      kind: "json",
      json: { id: eventId, from: "curl @ 127.0.0.1", at: "card" },
      contentType: "application/json",
    },
  });
  expect(await outputFor(null, eventId)).toEqual({});
});

it("a transform sees a body in R2, and a replay's edits", async () => {
  const source = await makeSource();
  const { eventId } = await makeEvent(source, { body: SMS, r2: true });
  expect(await outputFor(GOOD, eventId)).toMatchObject({ output: { text: "12,000원" } });
  const row = { organizationId: "org_test", editHeaders: { "x-a": "1" } } as never;
  const editBody = new Uint8Array(new TextEncoder().encode("edited"));
  const template = "{{ text }} {{ event.headers['x-a'] }}";
  expect(
    await outputFor([{ kind: "template", template }], eventId, { row, editBody }),
  ).toMatchObject({ output: { text: "edited 1" } });
});

it("a body over 1 MiB, or one that is gone, is a failure that says so", async () => {
  const large = await deliver(GOOD, new Uint8Array(1_048_577), true);
  const [first] = (await getDelivery(context, large.id)).attempts;
  expect(first?.detail).toContain("the body has 1048577 bytes");
  const gone = await deliver(BAD, SMS, true);
  await consumerEnv.BODIES.delete(gone.task.eventId);
  await gone.retry();
  const latest = (await getDelivery(context, gone.id)).attempts.at(-1);
  expect(latest?.detail).toContain("the stored body is missing");
});

it("a one-time code stands in no record of a failure", async () => {
  const expression = "$error('cannot read ' & sms.text)";
  const { id } = await deliver(
    [{ kind: "jsonata", expression }],
    JSON.stringify({ message: CODE }),
  );
  const [attempt] = (await getDelivery(context, id)).attempts;
  expect(attempt?.detail).toContain("인증번호 ******");
});

it("scripts run in the consumer, by the rule as it is at each try", async () => {
  const script = (code: string) => [{ kind: "script", code }];
  const { id, ruleId, destination, retry } = await deliver(
    script("export default () => { throw new Error('not yet') }"),
  );
  const [attempt] = (await getDelivery(context, id)).attempts;
  expect(attempt?.detail).toBe("step 1 (script) Error: not yet (line 1)");
  await setTransform(ruleId, script("export default ({ sms }) => `${sms.issuer}`"));
  expect(await retry()).toMatchObject({ status: "succeeded" });
  expect(await received(destination.key)).toHaveLength(1);
});

it("a deleted rule's transform still goes for what the rule has already made", async () => {
  const { id, ruleId, destination, retry } = await deliver(BAD);
  await deleteRule(context, ruleId);
  expect(await retry()).toMatchObject({ status: "retrying", reason: "transform_failed" });
  expect((await getDelivery(context, id)).attempts.at(-1)?.detail).toContain("step 2");
  expect(await received(destination.key)).toEqual([]);
});

it("a delivery by hand to a destination, without a rule, has no transform", async () => {
  const { id, destination, retry } = await deliver(BAD);
  await consumerEnv.EVENTS_0.prepare("UPDATE deliveries SET rule_id = NULL WHERE id = ?")
    .bind(id)
    .run();
  expect(await retry()).toMatchObject({ status: "succeeded" });
  expect(await received(destination.key)).toHaveLength(1);
});

it("through a gate too: what fails is recorded and does not count against the destination", async () => {
  const { env } = fakeQueues();
  const source = await makeSource();
  const destination = await makeDestination();
  await consumerEnv.DB.prepare("UPDATE destinations SET breaker = ? WHERE id = ?")
    .bind(JSON.stringify({ failures: 1, cooldownSeconds: 3600 }), destination.id)
    .run();
  const ruleId = await makeRule(source, destination.id, { transform: BAD });
  const task = await makeEvent(source, { body: SMS });
  await consume(env, "events", [task]);
  const { id } = await deliveryOf(task.eventId);
  const retry = async () => {
    await expire(id, "next_attempt_at");
    await consume(env, "deliveries", [{ deliveryId: id }]);
    return deliveryOf(task.eventId);
  };
  expect(await retry()).toMatchObject({ reason: "transform_failed" });
  await setTransform(ruleId, GOOD);
  expect(await retry()).toMatchObject({ status: "succeeded" });
  expect(await received(destination.key)).toHaveLength(1);
});
