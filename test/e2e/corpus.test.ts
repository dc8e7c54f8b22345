import { request } from "node:http";
import { beforeAll, expect, it } from "vitest";
import { startSession, type TestSession } from "../support/session.ts";
import { buildCorpus, type Case, sha256 } from "./corpus.ts";
import { header, makeRelay, receivedCount } from "./support.ts";

const CONCURRENT_SENDERS = 8;

let session: TestSession;
let relay: Awaited<ReturnType<typeof makeRelay>>;

beforeAll(async () => {
  session = await startSession();
  relay = await makeRelay(session, "corpus");
  return () => relay.receiver.close();
});

/** Sends one case over a socket; gives the status and the event's id. */
function send(one: Case, index: number): Promise<{ status: number; id: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: Number(session.env.BATON_PORT),
        method: one.method,
        // Half of the cases come by the wildcard host, half by the path on the app host.
        path: index % 2 ? `/in/corpus/case/${index}${one.url}` : `/case/${index}${one.url}`,
        headers: {
          host: index % 2 ? "localhost" : `corpus.localhost:${session.env.BATON_PORT}`,
          ...one.headers,
          ...(one.chunked
            ? { "transfer-encoding": "chunked" }
            : { "content-length": one.body.length }),
        },
      },
      (response) => {
        response.resume();
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            id: String(response.headers["x-baton-event-id"]),
          }),
        );
      },
    );
    outgoing.once("error", reject);
    if (one.chunked) {
      for (let at = 0; at < one.body.length; at += 50_000)
        outgoing.write(one.body.subarray(at, at + 50_000));
    } else if (one.body.length > 0) {
      outgoing.write(one.body);
    }
    outgoing.end();
  });
}

it("300 requests and more of every kind arrive byte for byte", async () => {
  const corpus = buildCorpus();
  expect(corpus.length).toBeGreaterThanOrEqual(300);
  const answers: { status: number; id: string }[] = [];
  const waiting = corpus.map((one, index) => ({ one, index }));
  const sender = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      answers[next.index] = await send(next.one, next.index);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_SENDERS }, sender));
  expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
  await receivedCount(relay.receiver.received, corpus.length, 60_000);

  const byEvent = new Map(
    relay.receiver.received.map((got) => [header(got, "x-baton-event-id"), got]),
  );
  expect(byEvent.size).toBe(corpus.length);
  const wrong: unknown[] = [];
  for (const [index, one] of corpus.entries()) {
    const got = byEvent.get(answers[index]?.id);
    const expected = {
      method: one.method,
      url: `/ok/case/${index}${one.url}`,
      sha256: sha256(one.body),
      type: one.headers["content-type"],
      encoding: one.headers["content-encoding"],
    };
    const actual = got && {
      method: got.method,
      url: got.url,
      sha256: got.sha256,
      type: header(got, "content-type"),
      encoding: header(got, "content-encoding"),
    };
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      wrong.push({ name: one.name, expected, actual });
  }
  expect(wrong).toEqual([]);
}, 120_000);
