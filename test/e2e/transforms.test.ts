import { beforeAll, expect, it } from "vitest";
import { startSession, type TestSession } from "../support/session.ts";
import { call, deliveryOf, makeRelay, receivedCount } from "./support.ts";

let session: TestSession;
beforeAll(async () => {
  session = await startSession();
});

/** The local session's own loader runs scripts in both Workers: the app tries one, the consumer delivers by one. */
it("a script that fails is on record; mended, a retry by hand delivers", async () => {
  const { receiver, rule } = await makeRelay(session, "scripted", { retry: { schedule: [0] } });
  const script = (code: string) => [{ kind: "script", code }];
  const broken = script("export default (");
  await call(session, 422, "PATCH", `/rules/${rule.id}`, { transform: broken });
  await call(session, 422, "PATCH", `/rules/${rule.id}`, { transform: broken });
  const failing = script("export default async () => { throw new Error('no amount') }");
  await call(session, 200, "PATCH", `/rules/${rule.id}`, { transform: failing });
  const sent = await session.send("scripted.localhost", "/hook", { method: "POST", body: "hi" });
  const { id: eventId } = JSON.parse(sent.text) as { id: string };
  const failed = await deliveryOf(session, eventId, "failed");
  expect(failed.attempts).toMatchObject([
    { reason: "transform_failed", detail: "step 1 (script) Error: no amount (line 1)" },
  ]);
  const transform = script("export default async ({ text }) => ({ text: text + '!' })");
  const tried = await call(session, 200, "POST", "/rules/test", { match: {}, transform, eventId });
  expect(tried.output).toMatchObject({ body: "hi!" });
  await call(session, 200, "PATCH", `/rules/${rule.id}`, { transform });
  await call(session, 202, "POST", `/deliveries/${failed.id}/retry`);
  await deliveryOf(session, eventId, "succeeded");
  const again = await Promise.all(
    Array.from({ length: 20 }, () =>
      session.send("scripted.localhost", "/hook", { method: "POST", body: "hi" }),
    ),
  );
  expect(again.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
  await receivedCount(receiver.received, 21);
  expect(new Set(receiver.received.map(({ body }) => body))).toEqual(new Set(["hi!"]));
});
