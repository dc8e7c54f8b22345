import { expect, it } from "vitest";
import {
  consume,
  eventStatus,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

/** A rule for codes, at a source that phones call and at another one. */
it.each([
  ["phone", { body: '{"message":"024561"}' }, "routed"],
  ["phone", { body: "024561" }, "routed"],
  ["phone", { body: "", query: "message=024561" }, "routed"],
  ["phone", { body: '{"message":"hello"}', query: "message=024561" }, "unmatched"],
  ["phone", { body: '{"battery":5}' }, "unmatched"],
  ["generic", { body: '{"message":"024561"}' }, "unmatched"],
  ["generic", { body: "", query: "message=024561" }, "unmatched"],
  ["generic", { body: '{"message":"인증번호 024561"}' }, "routed"],
] as const)("a rule for codes, source %s, %j: %s", async (preset, request, status) => {
  const { env } = fakeQueues();
  const source = await makeSource({ preset });
  const destination = await makeDestination();
  await makeRule(source, destination.id, { match: { sms: { kind: "otp" } } });
  const task = await makeEvent(source, request);
  await consume(env, "events", [task]);
  expect(await eventStatus(task.eventId)).toBe(status);
  expect(await received(destination.key)).toHaveLength(status === "routed" ? 1 : 0);
});

it("what no rule understands is kept, and handed on by a rule for everything", async () => {
  const { env } = fakeQueues();
  const source = await makeSource({ preset: "phone" });
  const destination = await makeDestination();
  await makeRule(source, destination.id, { match: {} });
  const body = new Uint8Array([0, 255, 1]);
  const task = await makeEvent(source, { body });
  await consume(env, "events", [task]);
  expect(await received(destination.key)).toHaveLength(1);
});
