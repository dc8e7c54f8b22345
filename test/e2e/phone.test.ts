import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { PHONE_DEMO, SAMPLE_BODY } from "../../src/local/constants.ts";
import { lanAddresses } from "../support/lan-addresses.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call, deliveryOf } from "./support.ts";

type Received = { url: string; body: string; headers: Record<string, string> };

let session: TestSession;
let lan: TestSession;
beforeAll(async () => {
  [session, lan] = await Promise.all([
    startSession({ env: { BATON_TICK_MS: "500" } }),
    startSession({ env: { BATON_HOST: "0.0.0.0" } }),
  ]);
});

async function receivedOf(eventId: string): Promise<Received> {
  return waitFor(
    async () => {
      const all = (await (await fetch(`${session.receiverUrl}/__received`)).json()) as Received[];
      return all.find(({ headers }) => headers["x-baton-event-id"] === eventId);
    },
    { what: `the receiver's record of ${eventId}`, explain: session.output },
  );
}

/** Sends to `/webhook/sms` by its app host, as a phone that knows nothing else. */
async function send(path: string, init: RequestInit = {}) {
  const response = await fetch(`http://127.0.0.1:${session.env.BATON_PORT}${path}`, init);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

it("the printed line works right after the start: delivered, and in the ledger", async () => {
  const [line] = session.output().match(/curl -d .*\/webhook\/sms'/) ?? [];
  const { stdout } = await promisify(execFile)("sh", ["-c", `${line} --silent`]);
  const { ok, id } = JSON.parse(stdout) as { ok: boolean; id: string };
  expect(ok).toBe(true);
  expect(await receivedOf(id)).toMatchObject({ url: "/webhook/sms", body: SAMPLE_BODY });
  expect((await deliveryOf(session, id, "succeeded")).attempts).toHaveLength(1);

  const { data } = await call<{ data: { id: string; slug: string }[] }>(
    session,
    200,
    "GET",
    "/sources",
  );
  const source = data.find(({ slug }) => slug === PHONE_DEMO.slug);
  type Ledger = { entries: unknown[]; totals: unknown[] };
  const ledger = await call<Ledger>(session, 200, "GET", `/sms/ledger?sourceId=${source?.id}`);
  expect(ledger.entries).toMatchObject([
    {
      eventId: id,
      amount: 12_000,
      merchant: "스타벅스강남점",
      card: { issuer: "신한카드", id: "1234" },
    },
  ]);
  expect(ledger.totals).toMatchObject([{ amount: 12_000, count: 1 }]);
});

it("a second one within two minutes is the first", async () => {
  const init = { method: "POST", body: SAMPLE_BODY };
  expect((await send("/webhook/sms", init)).json).toMatchObject({ ok: true, duplicate: true });
});

describe("a one-time code", () => {
  const CODE = "830517";
  const BODY = JSON.stringify({ message: `[네이버] 인증번호 [${CODE}]를 입력해 주세요.` });

  it("arrives, and no log and no line of the terminal has it, nor a sender's key in a URL", async () => {
    const sent = [
      await send("/webhook/sms", { method: "POST", body: BODY }),
      await send(`/webhook/sms?message=${CODE}`),
      await send(`/in/${PHONE_DEMO.slug}/x`, { method: "POST", body: CODE }),
    ];
    for (const { status, json } of sent) {
      expect(status).toBe(200);
      const { url, body } = await receivedOf(String(json.id));
      expect(url + body).toContain(CODE);
      await deliveryOf(session, String(json.id), "succeeded");
    }
    const wrong = await send(`/webhook/sms/wrong-sender-key?message=${CODE}`);
    expect([wrong.status, wrong.json.ok]).toEqual([401, false]);
    await waitFor(() => session.output().includes("unknown_sender"), {
      what: "the stray's line",
      explain: session.output,
    });
    const logs = readdirSync(session.state).filter((name) => name.includes(".log"));
    expect(logs).toContain("wrangler.log");
    for (const name of logs) {
      const log = readFileSync(join(session.state, name), "utf8");
      expect(log).not.toContain(CODE);
      expect(log).not.toContain("wrong-sender-key");
    }
    expect(session.output()).not.toContain(CODE);
    expect(session.output()).not.toContain("wrong-sender-key");
    expect(session.output()).toContain("******");
  });
});

it("a session on the LAN takes it from another machine's point of view, and prints that URL", async () => {
  const [address = "127.0.0.1"] = lanAddresses();
  const port = lan.env.BATON_PORT;
  const printed = lanAddresses().map((each) => `http://${each}:${port}/webhook/sms`);
  expect(printed.filter((url) => !lan.output().includes(url)).slice(0, 1)).toEqual([]);
  const response = await fetch(`http://${address}:${port}/webhook/sms`, {
    method: "POST",
    body: "message=hello",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  expect([response.status, await response.json()]).toEqual([
    200,
    { ok: true, id: expect.stringMatching(/^evt_/) },
  ]);
});
