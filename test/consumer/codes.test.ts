import { describe, expect, it, vi } from "vitest";
import { TEXT_AGE_MS } from "../../src/code-mailboxes/index.ts";
import { MAX_CODE_OFFER_TRIES } from "../../src/deliveries/constants.ts";
import { newId } from "../../src/ids.ts";
import { awaitCode } from "../support/mailbox-codes.ts";
import { countingD1 } from "./counting-d1.ts";
import {
  consume,
  consumerEnv,
  deliveryOf,
  eventStatus,
  expire,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeKind,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

const ORGANIZATION = "org_test";
const { DB, EVENTS_0 } = consumerEnv;

let phones = 0;
const nextPhone = () => `0107000${String(phones++).padStart(4, "0")}`;

/** Waits for a code of this phone at the real mailbox. */
const waitFor = (phone: string, organizationId = ORGANIZATION, more = {}) =>
  awaitCode(consumerEnv.CODE_MAILBOX, organizationId, phone, more);

async function makeSender(sourceId: string, phone: string | null): Promise<string> {
  const id = newId("sender");
  await DB.prepare(
    `INSERT INTO senders (id, organization_id, source_id, name, key_hash, key_hint, state, phone, created_at, updated_at)
     VALUES (?1, 'org_test', ?2, ?1, ?1, '', 'active', ?3, 0, 0)`,
  )
    .bind(id, sourceId, phone)
    .run();
  return id;
}

/** An event that a sender sent. */
async function makeSent(sourceId: string, senderId: string | null, more: object) {
  const task = await makeEvent(sourceId, more);
  await EVENTS_0.prepare("UPDATE events SET sender_id = ? WHERE id = ?")
    .bind(senderId, task.eventId)
    .run();
  return task;
}

/** A source that phones call, with one phone's sender. */
async function makePhone({ preset = "phone" } = {}) {
  const phone = nextPhone();
  const source = await makeSource({ preset });
  const sender = await makeSender(source, phone);
  return {
    phone,
    source,
    send: (more: object) => makeSent(source, sender, more),
  };
}

const BARE = { body: '{"message":"024561"}' };

describe("an SMS of a phone's source", () => {
  it.each([
    ["JSON with a number only", BARE, {}, "024561"],
    ["plain text", { body: "024561" }, {}, "024561"],
    ["grouped digits", { body: '{"message":"024 561"}' }, {}, "024561"],
    ["in the query", { body: "", query: "message=024561" }, {}, "024561"],
    ["labelled", { body: '{"message":"[예시] 인증번호 024561"}' }, {}, "024561"],
    [
      "in R2, from the portal's sender, by its pattern",
      { body: '{"text":"코드=024561","from":"1600-0987"}', r2: true },
      { senders: ["16000987"], pattern: "코드=([0-9]+)" },
      "024561",
    ],
    [
      "of another sender",
      { body: '{"text":"024561","from":"010"}' },
      { senders: ["16000987"] },
      null,
    ],
    ["without a code", { body: '{"message":"hello"}' }, {}, null],
    ["without a message", { body: '{"battery":5}' }, {}, null],
  ])("%s is offered to its mailbox", async (_, request, more, code) => {
    const { phone, send } = await makePhone();
    const { claim } = await waitFor(phone, ORGANIZATION, more);
    const task = await send(request);
    expect(await consume(fakeQueues().env, "events", [task])).toMatchObject({ acked: 1 });
    expect((await claim())?.code ?? null).toBe(code);
    expect(await eventStatus(task.eventId)).toBe("unmatched");
  });

  it("is offered once, however often its task comes", async () => {
    const { phone, send } = await makePhone();
    const { claim } = await waitFor(phone);
    const task = await send(BARE);
    const { env } = fakeQueues();
    await Promise.all([consume(env, "events", [task, task]), consume(env, "events", [task])]);
    expect((await claim())?.code).toBe("024561");
    await consume(env, "events", [task]);
    expect(await claim()).toBeNull();
  });

  it("is offered by a later task too, when the first one's mailbox could not be told", async () => {
    const { phone, send } = await makePhone();
    const { claim } = await waitFor(phone);
    const task = await send(BARE);
    const broken = { getByName: () => ({ offer: () => Promise.reject(new Error("overloaded")) }) };
    const env = { ...fakeQueues().env, CODE_MAILBOX: broken as never };
    expect(await consume(env, "events", [task])).toMatchObject({ retried: 1 });
    expect(await eventStatus(task.eventId)).toBe("unmatched");
    expect(await claim()).toBeNull();
    expect(await consume(fakeQueues().env, "events", [task], 2)).toMatchObject({ acked: 1 });
    expect((await claim())?.code).toBe("024561");
  });

  it.each([
    ["rejected by its verification", "rejected"],
    ["of a muted sender", "muted"],
  ])("%s is not offered", async (_, status) => {
    const { phone, send } = await makePhone();
    const { claim } = await waitFor(phone);
    const task = await send(BARE);
    await EVENTS_0.prepare("UPDATE events SET status = ?, routed_at = 1 WHERE id = ?")
      .bind(status, task.eventId)
      .run();
    await consume(fakeQueues().env, "events", [task]);
    expect(await claim()).toBeNull();
  });

  it("of another preset is not offered, nor does a mailbox hear of it", async () => {
    const { send } = await makePhone({ preset: "generic" });
    const none = {
      getByName: () => {
        throw new Error("a mailbox was called");
      },
    };
    const env = { ...fakeQueues().env, CODE_MAILBOX: none as never };
    expect(await consume(env, "events", [await send(BARE)])).toMatchObject({ acked: 1 });
    const old = await makePhone();
    const stale = await old.send({ ...BARE, at: Date.now() - TEXT_AGE_MS });
    expect(await consume(env, "events", [stale])).toMatchObject({ acked: 1 });
  });
});

it("finding a mailbox asks the database nothing more than routing does", async () => {
  const counts: number[] = [];
  for (const preset of ["generic", "phone"]) {
    const { phone, send } = await makePhone({ preset });
    const { claim } = await waitFor(phone);
    const task = await send(BARE);
    const control = countingD1(DB);
    await consume({ ...fakeQueues().env, DB: control.d1 }, "events", [task]);
    counts.push(control.statements());
    expect((await claim())?.code ?? null).toBe(preset === "phone" ? "024561" : null);
  }
  expect(counts[0]).toBe(counts[1]);
});

describe("a mailbox that cannot be reached", () => {
  const mailboxOf = (offer: () => Promise<never>) => ({ getByName: () => ({ offer }) }) as never;
  const never = () => new Promise<never>(() => {});

  it("does not hold up deliveries, and its task comes back a bounded number of times", async () => {
    const { source, send } = await makePhone();
    const destination = await makeDestination();
    await makeRule(source, destination.id);
    const offered = Promise.withResolvers<void>();
    let offers = 0;
    const offer = () => {
      offers++;
      return offered.promise.then(() => Promise.reject(new Error("gone")));
    };
    const env = { ...fakeQueues().env, CODE_MAILBOX: mailboxOf(offer) };
    const task = await send(BARE);
    const consuming = consume(env, "events", [task]);
    await vi.waitFor(async () => expect(await received(destination.key)).toHaveLength(1));
    offered.resolve();
    const { retried, acked } = await consuming;
    expect([retried, acked, offers]).toEqual([1, 0, 2]);
    expect((await deliveryOf(task.eventId)).status).toBe("succeeded");
    expect(await consume(env, "events", [task], MAX_CODE_OFFER_TRIES - 1)).toMatchObject({
      retried: 1,
    });
    expect(await consume(env, "events", [task], MAX_CODE_OFFER_TRIES)).toMatchObject({ acked: 1 });
    expect(await received(destination.key)).toHaveLength(1);
  });

  it("is given up after a deadline, and fails nobody beside it in the batch", async () => {
    const { send } = await makePhone();
    const other = await makeSource();
    const env = { ...fakeQueues().env, CODE_MAILBOX: mailboxOf(never) };
    const tasks = [await send(BARE), await makeEvent(other)];
    expect(await consume(env, "events", tasks)).toMatchObject({ acked: 1, retried: 1 });
  });
});

/** Portals of an organization of its own, whose phone source has a sender without a phone. */
async function makeTenant(portalPhones: (string | null)[], isOperator = 0) {
  const organizationId = newId("organization");
  const source = newId("source");
  await DB.batch([
    DB.prepare(
      "INSERT INTO organizations (id, name, is_operator, created_at) VALUES (?, 'Other', ?, 0)",
    ).bind(organizationId, isOperator),
    DB.prepare(
      `INSERT INTO sources (id, organization_id, slug, name, shard, enabled, preset, created_at, updated_at)
       VALUES (?1, ?2, ?1, 'Phone', 0, 1, 'phone', 0, 0)`,
    ).bind(source, organizationId),
    ...portalPhones.map((phone, i) =>
      DB.prepare(
        `INSERT INTO portals (id, organization_id, name, definition, base_url, enabled, on_deploy, is_default, phone,
           created_at, updated_at) VALUES (?, ?, 'P', 'd', 'https://x', 1, 'keep', 0, ?, 0, 0)`,
      ).bind(`${organizationId}_${i}`, organizationId, phone),
    ),
  ]);
  const send = async (senderPhone?: string | null) => {
    const sender = senderPhone === undefined ? null : await makeSender(source, senderPhone);
    const task = await makeSent(source, sender, BARE);
    await EVENTS_0.prepare("UPDATE events SET organization_id = ? WHERE id = ?")
      .bind(organizationId, task.eventId)
      .run();
    return task;
  };
  return { organizationId, send };
}

describe("whose SMS it is", () => {
  const VARIABLE = "010-5555-0001";

  it.each([
    ["the sender's phone, above all", ["own"], "own", {}, true],
    ["the only phone of the portals, for an unknown caller", ["p", "p", null], undefined, {}, true],
    ["that one also for a sender without a phone", ["p"], null, {}, true],
    ["nobody's when the portals have two", ["p", "q"], undefined, {}, false],
    ["nobody's without a portal", [], undefined, {}, false],
    ["not the variable's in another organization", ["q"], undefined, { PORTAL_PHONE: "p" }, false],
  ])("%s", async (_, portals, sender, vars, isGiven) => {
    const names = new Map([
      ["p", nextPhone()],
      ["q", nextPhone()],
      ["own", nextPhone()],
    ]);
    const numberOf = (name: string | null) => (name === null ? null : (names.get(name) ?? name));
    const { organizationId, send } = await makeTenant(portals.map(numberOf));
    const asked = numberOf(sender === "own" ? "own" : "p") ?? "";
    const { claim } = await waitFor(asked, organizationId);
    const task = await send(typeof sender === "string" ? numberOf(sender) : sender);
    const own = "PORTAL_PHONE" in vars ? { PORTAL_PHONE: asked } : {};
    await consume({ ...fakeQueues().env, ...own }, "events", [task]);
    expect((await claim())?.code ?? null).toBe(isGiven ? "024561" : null);
  });

  it.each(["PORTAL_PHONE", "BAEMIN_PHONE"])("%s's in the operator's organization", async (name) => {
    const { organizationId, send } = await makeTenant([nextPhone()], 1);
    const { claim } = await waitFor("01055550001", organizationId);
    const task = await send();
    await consume({ ...fakeQueues().env, [name]: VARIABLE }, "events", [task]);
    expect((await claim())?.code).toBe("024561");
  });

  it("is never what the body says", async () => {
    const { phone, send } = await makePhone();
    const other = nextPhone();
    const [mine, others] = await Promise.all([waitFor(phone), waitFor(other)]);
    const body = JSON.stringify({ message: "024561", to: other, phone: other, receiver: other });
    await consume(fakeQueues().env, "events", [await send({ body, query: `phone=${other}` })]);
    expect(await others.claim()).toBeNull();
    expect((await mine.claim())?.code).toBe("024561");
  });
});

describe("a destination of kind sms_code", () => {
  async function makeRuled(more: { transform?: unknown } = {}, preset = "generic") {
    const phone = nextPhone();
    const source = await makeSource({ preset });
    await makeRule(source, await makeKind("sms_code", { phone }), more);
    return { phone, source, waiting: await waitFor(phone) };
  }

  it.each([
    ["its message", { body: '{"message":"024561"}' }, undefined],
    ["its text", { body: "Your code is 024561." }, undefined],
    ["labelled JSON", { body: '{"subject":"login","detail":"code 024561"}' }, undefined],
    ["a transform's text", { body: '{"otp":"024561"}' }, ["{{ json.otp }}", "text/plain"]],
    [
      "a transform's message",
      { body: '{"otp":"024561"}' },
      ['{"text":"{{ json.otp }}","from":"1600"}', "application/json"],
    ],
  ])("leads %s to the mailbox", async (_, request, made) => {
    const [template, contentType] = made ?? [];
    const { source, waiting } = await makeRuled(
      made && { transform: [{ kind: "template", template, contentType }] },
    );
    const task = await makeEvent(source, request);
    await consume(fakeQueues().env, "events", [task]);
    expect((await deliveryOf(task.eventId)).status).toBe("succeeded");
    expect((await waiting.claim())?.code).toBe("024561");
  });

  it("records a try without the code and the number", async () => {
    const { phone, source, waiting } = await makeRuled({}, "phone");
    const task = await makeEvent(source, { body: '{"message":"인증번호 G-024 561 또는 AB12CD"}' });
    await consume(fakeQueues().env, "events", [task]);
    const { id } = await deliveryOf(task.eventId);
    const row = await EVENTS_0.prepare(
      "SELECT outcome, request, CAST(request_body AS TEXT) AS body, response, CAST(response_body AS TEXT) AS answer FROM deliveries WHERE id = ?",
    )
      .bind(id)
      .first<Record<string, string>>();
    expect(row).toMatchObject({
      outcome: "succeeded",
      body: "인증번호 G-*** *** 또는 ******",
      answer: '{"kept":true,"waitedFor":true}',
    });
    expect(row?.request).toContain(`sms_code:*******${phone.slice(-4)}`);
    expect(JSON.stringify(row)).not.toMatch(new RegExp(`${phone}|024|561|AB12CD`));
    expect(await waiting.claim()).not.toBeNull();
  });

  it("gives one code once, also when a try is made again", async () => {
    const { source, waiting } = await makeRuled();
    const task = await makeEvent(source, BARE);
    const { env } = fakeQueues();
    await consume(env, "events", [task]);
    expect((await waiting.claim())?.code).toBe("024561");
    const { id } = await deliveryOf(task.eventId);
    await EVENTS_0.prepare("UPDATE deliveries SET status = 'retrying' WHERE id = ?").bind(id).run();
    await expire(id, "next_attempt_at");
    await consume(env, "deliveries", [{ deliveryId: id }]);
    expect(await deliveryOf(task.eventId)).toMatchObject({ attempt: 2, status: "succeeded" });
    expect(await waiting.claim()).toBeNull();
  });

  it.each([
    ["that holds no text", { body: new Uint8Array([0, 255, 1]) }, "invalid_payload"],
    ["that is empty", { body: "" }, "invalid_payload"],
    ["that is too large", { body: "1".repeat(70_000) }, "invalid_payload"],
    ["of ten minutes ago", { ...BARE, at: Date.now() - TEXT_AGE_MS }, "rejected"],
  ])("fails for an event %s, at once and for good", async (_, request, reason) => {
    const { source } = await makeRuled();
    const task = await makeEvent(source, request);
    await consume(fakeQueues().env, "events", [task]);
    expect(await deliveryOf(task.eventId)).toMatchObject({ status: "failed", reason });
  });

  it("tries again when the mailbox cannot be reached", async () => {
    const { source, waiting } = await makeRuled();
    const task = await makeEvent(source, BARE);
    const broken = { getByName: () => ({ offer: () => Promise.reject(new Error("overloaded")) }) };
    await consume({ ...fakeQueues().env, CODE_MAILBOX: broken as never }, "events", [task]);
    const delivery = await deliveryOf(task.eventId);
    expect(delivery).toMatchObject({ status: "retrying", reason: "connection_failed" });
    await expire(delivery.id, "next_attempt_at");
    await consume(fakeQueues().env, "deliveries", [{ deliveryId: delivery.id }]);
    expect((await waiting.claim())?.code).toBe("024561");
  });
});
