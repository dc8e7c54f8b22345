import { beforeAll, expect, it } from "vitest";
import { startSens } from "../emulators/sens.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call, type DeliveryJson, deliveryOf, makeRelay } from "./support.ts";

const SMS =
  "[Web발신]\n신한카드(1234)승인 홍*동 12,000원(일시불)02/12 12:34 스타벅스강남점 누적345,600원";

type Shown = DeliveryJson & { receipt: { status: string; messages: { to: string }[] } };

let session: TestSession;
beforeAll(async () => {
  session = await startSession({ env: { BATON_TICK_MS: "500" } });
});

/** A source whose rule leads to SENS. */
async function relayTo(slug: string, sens: Awaited<ReturnType<typeof startSens>>) {
  const relay = await makeRelay(session, slug);
  await relay.receiver.close();
  const { baseUrl, serviceId, accessKey, secretKey, from } = sens;
  const config = { baseUrl, serviceId, accessKey, secretKey, from, to: ["010-1234-5678"] };
  const made = await call<{ id: string }>(session, 201, "POST", "/destinations", {
    name: "on call",
    kind: "sens_sms",
    config: { ...config, timeoutMs: 2000 },
  });
  await call(session, 200, "PATCH", `/rules/${relay.rule.id}`, { destinationId: made.id });
  return made;
}

async function sendSms(slug: string): Promise<string> {
  const answer = await session.send(`${slug}.localhost`, "/sms", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: SMS }),
  });
  expect(answer.status).toBe(202);
  return (JSON.parse(answer.text) as { id: string }).id;
}

it("a card's SMS goes on as an LMS, and what became of it is shown; no key is", async () => {
  const sens = await startSens();
  const made = await relayTo("to-sens", sens);
  const delivery = await deliveryOf(session, await sendSms("to-sens"), "succeeded", "failed");
  expect([delivery.status, sens.refusals]).toEqual(["succeeded", []]);
  expect(sens.requests.map(({ payload }) => payload)).toMatchObject([
    { type: "LMS", content: SMS, messages: [{ to: "01012345678" }] },
  ]);
  sens.advance();
  sens.advance();
  const shown = await waitFor(
    async () => {
      const now = await call<Shown>(session, 200, "GET", `/deliveries/${delivery.id}`);
      return now.receipt.status === "pending" ? undefined : now;
    },
    { what: "the receipt", deadlineMs: 40_000, everyMs: 500 },
  );
  expect(shown.receipt).toMatchObject({
    status: "delivered",
    messages: [{ to: "*******5678", statusMessage: "성공" }],
  });
  for (const secret of [sens.accessKey, sens.secretKey]) {
    expect(JSON.stringify([made, shown])).not.toContain(secret);
    expect(session.output()).not.toContain(secret);
  }
  await sens.close();
});

it("a message that was taken while the answer was lost is found and sent once", async () => {
  const sens = await startSens();
  await relayTo("lost-answer", sens);
  sens.setMode("ok", ["hang_after"]);
  const delivery = await deliveryOf(session, await sendSms("lost-answer"), "succeeded", "failed");
  expect(delivery.status).toBe("succeeded");
  expect(delivery.attempts.map(({ outcome, reason }) => reason ?? outcome)).toEqual([
    "timeout",
    "succeeded",
  ]);
  expect(sens.requests).toHaveLength(1);
  await sens.close();
});
