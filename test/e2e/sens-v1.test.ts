import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startSens } from "../emulators/sens.ts";
import { ROOT } from "../support/run-program.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call, deliveryOf, header, makeRelay, receivedCount } from "./support.ts";

const AUTH_KEY = "ncp-auth-key-of-the-script";
const SECRET = "ncp-service-secret-of-it";
const SERVICE = "ncp:sms:kr:123456789012:legacy";

let session: TestSession;
const scripts = new Set<ChildProcess>();

beforeAll(async () => {
  session = await startSession();
});
afterAll(() => {
  for (const script of scripts) script.kill("SIGKILL");
});

/** Runs the script in a folder of its own, with its `.env` and log, until the test ends. */
async function runScript(host: string, secret = SECRET) {
  const folder = mkdtempSync(join(tmpdir(), "baton-ncloud-"));
  const log = join(folder, "log.txt");
  writeFileSync(log, "hello world, long ago\n");
  const names = { "X-NCP-auth-key": AUTH_KEY, "X-NCP-service-secret": secret, serviceId: SERVICE };
  const env = Object.entries({ ...names, host }).map(([name, value]) => `${name}=${value}`);
  writeFileSync(join(folder, ".env"), env.join("\n"));
  const path = join(ROOT, "test/e2e/fixtures/ncloud-log.mjs");
  const script = spawn(process.execPath, [path], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  scripts.add(script);
  let output = "";
  for (const stream of [script.stdout, script.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const explain = () => output;
  await waitFor(() => existsSync(join(folder, "ready")), { what: "the script", explain });
  return {
    write: (line: string) => appendFileSync(log, `${line}\n`),
    printed: (text: string) =>
      waitFor(() => output.includes(text) && output, { what: `"${text}" of the script`, explain }),
    stop: () => {
      script.kill("SIGKILL");
      scripts.delete(script);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A SENS v1 source whose rule, by what the message says, leads to a receiver. */
async function makeSensRelay(slug: string) {
  const relay = await makeRelay(session, slug, {
    match: { json: { content: { $regex: "로그" } } },
  });
  await call(session, 200, "PATCH", `/sources/${relay.source.id}`, {
    preset: "sens_v1",
    verification: { preset: "sens_v1", secrets: [SECRET], authKey: AUTH_KEY },
  });
  return relay;
}

it("a script written for SENS v1 sends through Baton, unchanged but for its host", async () => {
  const { receiver } = await makeSensRelay("sens-legacy");
  const script = await runScript(session.ingestUrl("sens-legacy"));
  script.write("nothing to see");
  script.write("[error] hello world");
  const output = await script.printed("202 ");
  const answer = JSON.parse(output.slice(output.indexOf("{"))) as Record<string, string>;
  expect(answer).toMatchObject({ statusCode: "202", statusName: "success" });
  const delivery = await deliveryOf(session, String(answer.requestId), "succeeded", "failed");
  expect(delivery.status).toBe("succeeded");

  await receivedCount(receiver.received, 1);
  const [received] = receiver.received;
  if (!received) throw new Error("nothing was received");
  expect(JSON.parse(received.body)).toMatchObject({
    to: ["01011112222"],
    content: "hello world 가 로그에 나왔습니다.",
  });
  expect(header(received, "user-agent")).toMatch(/^axios\//);
  const event = await call(session, 200, "GET", `/events/${answer.requestId}`);
  expect(event).toMatchObject({ path: `/v1/sms/services/${SERVICE}/messages` });
  for (const everything of [event, delivery, received, session.output()]) {
    const text = JSON.stringify(everything);
    expect([text.includes(AUTH_KEY), text.includes(SECRET)]).toEqual([false, false]);
  }
  expect(receiver.received).toHaveLength(1);
  script.stop();
  await receiver.close();
});

it("what the script asks for goes out through SENS v2: its recipients and its text, signed, with a receipt", async () => {
  const sens = await startSens();
  const { receiver, rule } = await makeSensRelay("sens-out");
  await receiver.close();
  const { serviceId, accessKey, secretKey, from, baseUrl } = sens;
  const destination = await call<{ id: string }>(session, 201, "POST", "/destinations", {
    name: "SENS",
    kind: "sens_sms",
    config: { serviceId, accessKey, secretKey, from, to: [], baseUrl },
  });
  await call(session, 200, "PATCH", `/rules/${rule.id}`, { destinationId: destination.id });
  const script = await runScript(session.ingestUrl("sens-out"));
  script.write("hello world");
  const output = await script.printed("202 ");
  const answer = JSON.parse(output.slice(output.indexOf("{"))) as Record<string, string>;
  const delivery = await deliveryOf(session, String(answer.requestId), "succeeded", "failed");
  expect([delivery.status, sens.refusals]).toEqual(["succeeded", []]);
  expect(sens.requests.map(({ payload }) => payload)).toEqual([
    {
      type: "SMS",
      contentType: "COMM",
      from,
      content: "hello world 가 로그에 나왔습니다.",
      messages: [{ to: "01011112222" }],
    },
  ]);
  expect(delivery).toMatchObject({ receipt: { status: "pending" } });
  expect(JSON.stringify(delivery)).not.toContain(secretKey);
  script.stop();
  await sens.close();
});

it("with another secret it is refused, and its call is kept without it", async () => {
  const { receiver } = await makeSensRelay("sens-wrong");
  const script = await runScript(session.ingestUrl("sens-wrong"), "another-service-secret");
  script.write("hello world");
  await script.printed("status code 401");
  const { data } = await call<{ data: Record<string, unknown>[] }>(session, 200, "GET", "/strays");
  expect(data[0]).toMatchObject({ reason: "verification_failed" });
  expect(JSON.stringify(data)).not.toContain("another-service-secret");
  expect(receiver.received).toEqual([]);
  script.stop();
  await receiver.close();
});
