import { beforeAll, expect, it } from "vitest";
import { startSession, type TestSession } from "../support/session.ts";
import { call, deliveryOf, makeRelay, receivedCount } from "./support.ts";

const REQUESTS = 1000;

let session: TestSession;
beforeAll(async () => {
  session = await startSession();
});

/**
 * A provider that sends one thing a thousand times at once: through the real Workers, databases and queues it becomes
 * one event and one call, and every sender hears the same.
 */
it("1,000 equal requests at once: one event, one delivery, 1,000 answers with one id", async () => {
  const { receiver, source } = await makeRelay(session, "thousand");
  const dedup = { from: "header:x-delivery", windowSeconds: 3600 };
  await call(session, 200, "PATCH", `/sources/${source.id}`, { dedup });
  const answers = await Promise.all(
    Array.from({ length: REQUESTS }, () =>
      session.send("thousand.localhost", "/hook", {
        method: "POST",
        headers: { "x-delivery": "one" },
        body: '{"n":1}',
      }),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  const [id = "", ...others] = new Set(
    answers.map(({ text }) => (JSON.parse(text) as { id: string }).id),
  );
  expect(others).toEqual([]);
  const isFirst = ({ headers }: (typeof answers)[number]) => !headers["x-baton-duplicate"];
  expect(answers.filter(isFirst)).toHaveLength(1);
  expect(await deliveryOf(session, id, "succeeded")).toMatchObject({ attempts: [{ number: 1 }] });
  await receivedCount(receiver.received, 1);
  const events = await call<{ data: { id: string }[] }>(
    session,
    200,
    "GET",
    `/events?sourceId=${source.id}`,
  );
  expect(events.data.map((event) => event.id)).toEqual([id]);
  expect(receiver.received).toHaveLength(1);
});
