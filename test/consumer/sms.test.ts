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

const CARD =
  "[Web발신]\n신한카드(1234)승인 홍*동 62,000원(일시불)02/12 12:34 스타벅스강남점 누적345,600원";
const CODE = "[Web발신]\n[신한카드] 결제금액 129,000원 / 쿠팡 / 인증번호 482917 (카드 1234)";
/** `우리(1029)승인 50,000원` in EUC-KR. */
const EUC_KR = [
  0xbf, 0xec, 0xb8, 0xae, 0x28, 0x31, 0x30, 0x32, 0x39, 0x29, 0xbd, 0xc2, 0xc0, 0xce, 0x20, 0x35,
  0x30, 0x2c, 0x30, 0x30, 0x30, 0xbf, 0xf8,
];

/** A rule on what a message says takes the card's alert and leaves the one-time code, however a phone sends them. */
it.each<[string, string | Uint8Array<ArrayBuffer>, "routed" | "unmatched"]>([
  ["a card's SMS as JSON", JSON.stringify({ message: CARD }), "routed"],
  ["the same, broken by a template", `{"message":"${CARD}","from":"15440000"}`, "routed"],
  ["the same in EUC-KR", new Uint8Array(EUC_KR), "routed"],
  ["a one-time code with an amount", JSON.stringify({ message: CODE }), "unmatched"],
  ["a smaller amount", JSON.stringify({ message: CARD.replace("62,000", "2,000") }), "unmatched"],
  ["a message in no field", JSON.stringify({ note: CARD }), "unmatched"],
])("a rule with `sms`: %s is %s", async (_, body, status) => {
  const { env } = fakeQueues();
  const source = await makeSource();
  const destination = await makeDestination();
  const match = { sms: { kind: "card", amount: { $gte: 50000 } } };
  await makeRule(source, destination.id, { match });
  const task = await makeEvent(source, { body });
  expect(await consume(env, "events", [task])).toMatchObject({ acked: 1, retried: 0 });
  expect(await eventStatus(task.eventId)).toBe(status);
  expect(await received(destination.key)).toHaveLength(status === "routed" ? 1 : 0);
});

it("a message in R2 is read for `sms` too", async () => {
  const { env } = fakeQueues();
  const source = await makeSource();
  const destination = await makeDestination();
  await makeRule(source, destination.id, { match: { sms: { issuer: "신한카드" } } });
  const task = await makeEvent(source, { body: JSON.stringify({ message: CARD }), r2: true });
  await consume(env, "events", [task]);
  expect(await received(destination.key)).toHaveLength(1);
});
