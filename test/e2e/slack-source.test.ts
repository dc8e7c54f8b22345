import { beforeAll, expect, it } from "vitest";
import { startSlack } from "../emulators/slack.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call, deliveryOf, makeRelay, receivedCount } from "./support.ts";

const SECRET = "XXXXsecretXXXXofXXXXhook";
const HOOK = `/services/T024BE7LD/B024BE7LH/${SECRET}`;
const MESSAGE = {
  text: "*배포 실패* <https://ci.example/1|#1> &amp; 재시도 <!here>",
  blocks: [
    { type: "section", text: { type: "mrkdwn", text: "*배포 실패* <https://ci.example/1|#1>" } },
    { type: "divider" },
  ],
  attachments: [{ color: "danger", fallback: "stage: build", text: "stage: _build_" }],
  username: "jenkins",
};

let session: TestSession;
beforeAll(async () => {
  session = await startSession();
});

/** A Slack source whose messages go to a hook, and to the relay's receiver. */
async function makeChat(slug: string, config: { url: string; showSender?: boolean }) {
  const relay = await makeRelay(session, slug, { match: { json: { username: "jenkins" } } });
  const { source } = relay;
  await call(session, 200, "PATCH", `/sources/${source.id}`, { preset: "slack" });
  const made = { name: `hook of ${slug}`, kind: "slack", config };
  const destination = await call<{ id: string }>(session, 201, "POST", "/destinations", made);
  const rule = { sourceId: source.id, name: `chat of ${slug}`, destinationId: destination.id };
  const match = { text: { contains: "배포 실패" } };
  await call(session, 201, "POST", "/rules", { ...rule, match });
  return relay;
}

/** What a legacy system does: it posts and wants `ok`. Only the host is another one. */
async function post(host: string, body: string, contentType: string) {
  const answer = await fetch(`${host}${HOOK}`, {
    method: "POST",
    headers: { "content-type": contentType, "user-agent": "legacy-billing/1.0" },
    body,
  });
  expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
  return answer.headers.get("x-baton-event-id") ?? "";
}

it("a legacy message arrives in Slack as it was, by a change of the host alone", async () => {
  const slack = await startSlack({ markup: true });
  const { receiver } = await makeChat("team", { url: slack.url });
  const json = JSON.stringify(MESSAGE);
  const id = await post(session.ingestUrl("team"), json, "application/json");
  const form = new URLSearchParams({ payload: json }).toString();
  await post(session.ingestUrl("team"), form, "application/x-www-form-urlencoded");
  await waitFor(() => slack.messages.length === 2, {
    what: "both messages",
    explain: () => JSON.stringify(slack.refusals),
  });
  expect(slack.messages.map(({ payload }) => payload)).toEqual([MESSAGE, MESSAGE]);
  expect(slack.refusals).toEqual([]);

  await receivedCount(receiver.received, 2);
  expect(receiver.received.map(({ body }) => body).toSorted()).toEqual([json, form].toSorted());
  for (const { url } of receiver.received) {
    expect(url).toBe("/ok/services/T024BE7LD/B024BE7LH/********");
  }
  const event = await call<{ senderName?: string }>(session, 200, "GET", `/events/${id}`);
  expect(JSON.stringify(event)).toContain("legacy-billing/1.0");
  const known = JSON.stringify([event, receiver.received, slack.messages]) + session.output();
  expect(known).not.toContain(SECRET);
  await Promise.all([slack.close(), receiver.close()]);
});

it("with showSender it says who sent it, at its end", async () => {
  const slack = await startSlack({ markup: true });
  const { receiver } = await makeChat("chat-signed", { url: slack.url, showSender: true });
  await post(session.ingestUrl("chat-signed"), JSON.stringify(MESSAGE), "application/json");
  await waitFor(() => slack.messages.length === 1, {
    what: "the message",
    explain: () => JSON.stringify(slack.refusals),
  });
  const text = expect.stringMatching(/^sent by legacy-billing\/1\.0 @ /) as string;
  const context = { type: "context", elements: [{ type: "plain_text", text, emoji: false }] };
  expect(slack.messages[0]?.payload).toEqual({ ...MESSAGE, blocks: [...MESSAGE.blocks, context] });
  await Promise.all([slack.close(), receiver.close()]);
});

it("what Slack itself refuses is on record with its word", async () => {
  const slack = await startSlack({ markup: true });
  const { receiver } = await makeChat("chat-refused", { url: slack.url });
  const blocks = [{ type: "header", text: { type: "mrkdwn", text: "배포 실패" } }];
  const id = await post(
    session.ingestUrl("chat-refused"),
    JSON.stringify({ blocks }),
    "text/plain",
  );
  const delivery = await deliveryOf(session, id, "failed");
  expect(delivery.attempts[0]?.response).toMatchObject({ status: 400, body: "invalid_blocks" });
  await Promise.all([slack.close(), receiver.close()]);
});
