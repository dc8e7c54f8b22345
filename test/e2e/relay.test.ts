import { beforeAll, expect, it } from "vitest";
import { startSlack } from "../emulators/slack.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call, deliveryOf, header, makeRelay, receivedCount } from "./support.ts";

const SMS =
  "[Web발신]\n신한카드(1234)승인 홍*동 12,000원(일시불)02/12 12:34 스타벅스강남점 누적345,600원";
const CARD_RULE = {
  text: { contains: "승인", regex: "(\\d[\\d,]*)원" },
  json: { message: { $contains: "카드" } },
};

let session: TestSession;

beforeAll(async () => {
  session = await startSession({ env: { BATON_TICK_MS: "500" } });
});

async function sendSms(slug: string, message: string): Promise<string> {
  const answer = await session.send(`${slug}.localhost`, "/sms", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message }),
  });
  expect(answer.status).toBe(202);
  return (JSON.parse(answer.text) as { id: string }).id;
}

/**
 * A newcomer's first five minutes: a source, a destination, a rule that matches a Korean card SMS; the SMS arrives at
 * the receiver, everything else does not.
 */
it("a source made just now relays what its rule matches, from its very first request", async () => {
  const relay = await makeRelay(session, "cards", { match: CARD_RULE });
  const id = await sendSms("cards", SMS);
  const delivery = await deliveryOf(session, id, "succeeded");
  await receivedCount(relay.receiver.received, 1);
  const [got] = relay.receiver.received;
  expect(got && JSON.parse(got.body)).toEqual({ message: SMS });
  expect(got && header(got, "x-baton-event-id")).toBe(id);
  expect(got && header(got, "webhook-id")).toBe(delivery.id);
  expect(delivery.attempts[0]?.request?.body).toBe(JSON.stringify({ message: SMS }));

  const other = await sendSms("cards", "[Web발신]\n(광고) 봄맞이 할인");
  await waitFor(
    async () =>
      (await call<{ status: string }>(session, 200, "GET", `/events/${other}`)).status ===
      "unmatched",
    { what: "the advertisement to match nothing" },
  );
  expect(relay.receiver.received).toHaveLength(1);

  const explained = await call<{ matched: boolean; trace: { ok: boolean }[] }>(
    session,
    200,
    "POST",
    "/rules/test",
    {
      match: CARD_RULE,
      eventId: other,
    },
  );
  expect(explained.matched).toBe(false);
  expect(explained.trace.filter(({ ok }) => !ok).length).toBeGreaterThan(0);
  await relay.receiver.close();
});

it("a change of a rule takes effect at once", async () => {
  const relay = await makeRelay(session, "moving", { match: { method: ["PUT"] } });
  await sendSms("moving", "first");
  await call(session, 200, "PATCH", `/rules/${relay.rule.id}`, { match: {} });
  const id = await sendSms("moving", "second");
  await deliveryOf(session, id, "succeeded");
  expect(relay.receiver.received.map(({ body }) => JSON.parse(body))).toEqual([
    { message: "second" },
  ]);
  await relay.receiver.close();
});

it("a Slack destination posts the message, escaped, and Slack takes it", async () => {
  const slack = await startSlack();
  const relay = await makeRelay(session, "to-slack");
  const destination = await call<{ id: string; config: { url: string } }>(
    session,
    201,
    "POST",
    "/destinations",
    {
      name: "group",
      kind: "slack",
      config: { url: slack.url },
    },
  );
  expect(JSON.stringify(destination)).not.toContain(slack.url.slice(-20));
  await call(session, 200, "PATCH", `/rules/${relay.rule.id}`, { destinationId: destination.id });
  const id = await sendSms("to-slack", "승인 <!channel> 본죽&비빔밥 <http://evil|click>");
  const delivery = await deliveryOf(session, id, "succeeded", "failed");
  expect(delivery.status).toBe("succeeded");
  expect(slack.refusals).toEqual([]);
  expect(slack.messages).toHaveLength(1);
  expect(JSON.stringify(slack.messages[0]?.payload)).toContain("본죽&amp;비빔밥");
  expect(JSON.stringify(delivery)).not.toContain(slack.url.slice(-20));
  await relay.receiver.close();
  await slack.close();
});

it("the terminal says how it ended, not what might have been", async () => {
  const relay = await makeRelay(session, "given-up", {
    behaviour: "status/500",
    retry: { schedule: [0] },
  });
  await deliveryOf(session, await sendSms("given-up", "x"), "failed");
  const line = await waitFor(
    () =>
      session
        .output()
        .split("\n")
        .find((text) => text.includes("rule of given-up")),
    { what: "the event's line" },
  );
  expect(line).toContain("failed");
  await relay.receiver.close();
});

it("a Slack hook that asks for a pause gets it, without using up a try", async () => {
  const slack = await startSlack();
  const relay = await makeRelay(session, "busy-slack");
  const destination = await call<{ id: string }>(session, 201, "POST", "/destinations", {
    name: "busy",
    kind: "slack",
    config: { url: slack.url },
    retry: { schedule: [0] },
  });
  await call(session, 200, "PATCH", `/rules/${relay.rule.id}`, { destinationId: destination.id });
  slack.setMode("rate_limited");
  const id = await sendSms("busy-slack", "one");
  const waiting = await deliveryOf(session, id, "retrying");
  expect(waiting.attempts).toMatchObject([
    { number: 1, outcome: "failed", reason: "rate_limited" },
  ]);
  slack.setMode("ok");
  const done = await deliveryOf(session, id, "succeeded");
  expect(done.attempts.map(({ outcome }) => outcome)).toEqual(["failed", "succeeded"]);
  await relay.receiver.close();
  await slack.close();
});

it("an event can be replayed as it was, edited, and to another destination; a retry and a cancel by hand work", async () => {
  const relay = await makeRelay(session, "again", {
    behaviour: "status/500",
    retry: { schedule: [0, 3600] },
  });
  const other = await makeRelay(session, "elsewhere");
  const id = await sendSms("again", "hello");
  const waiting = await deliveryOf(session, id, "retrying");
  await call(session, 202, "POST", `/deliveries/${waiting.id}/retry`);
  await receivedCount(relay.receiver.received, 2);
  await deliveryOf(session, id, "failed");
  await call(session, 409, "POST", `/deliveries/${waiting.id}/cancel`);

  const replay = {
    destinationId: other.destination.id,
    edit: { headers: { "x-edited": "yes" }, body: "바뀜" },
  };
  const key = { "idempotency-key": "replay-1" };
  const first = await session.api(`/events/${id}/replay`, {
    method: "POST",
    body: JSON.stringify(replay),
    headers: key,
  });
  const second = await session.api(`/events/${id}/replay`, {
    method: "POST",
    body: JSON.stringify(replay),
    headers: key,
  });
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(await second.json()).toEqual(await first.json());
  await receivedCount(other.receiver.received, 1);
  expect(other.receiver.received).toHaveLength(1);
  expect(other.receiver.received[0]).toMatchObject({ method: "POST", body: "바뀜" });
  expect(other.receiver.received[0] && header(other.receiver.received[0], "x-edited")).toBe("yes");

  const third = await call<{ deliveries: { id: string }[] }>(
    session,
    201,
    "POST",
    `/events/${id}/replay`,
    {},
  );
  expect(third.deliveries).toHaveLength(1);
  await receivedCount(relay.receiver.received, 3);
  await waitFor(
    async () =>
      (await session.api(`/deliveries/${third.deliveries[0]?.id}/cancel`, { method: "POST" }))
        .status === 200,
    { what: "the replay to wait for its second try" },
  );
  await relay.receiver.close();
  await other.receiver.close();
});

it("a destination that says 410 is disabled; enabling it and retrying delivers", async () => {
  const relay = await makeRelay(session, "gone", { behaviour: "status/410" });
  const id = await sendSms("gone", "x");
  const delivery = await deliveryOf(session, id, "failed");
  expect(delivery.reason).toBe("gone");
  const path = `/destinations/${relay.destination.id}`;
  expect(await call(session, 200, "GET", path)).toMatchObject({
    enabled: false,
    disabledReason: "gone",
  });
  await call(session, 409, "POST", `/deliveries/${delivery.id}/retry`);
  const config = { url: `${relay.receiver.url}/ok` };
  expect(await call(session, 200, "PATCH", path, { enabled: true, config })).toMatchObject({
    disabledReason: null,
  });
  await call(session, 202, "POST", `/deliveries/${delivery.id}/retry`);
  expect((await deliveryOf(session, id, "succeeded")).attempts).toHaveLength(2);
  await relay.receiver.close();
});
