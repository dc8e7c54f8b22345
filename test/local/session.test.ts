import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SAMPLE_BODY, WORKERS } from "../../src/local/constants.ts";
import type { ReceivedRequest } from "../../src/local/receiver.ts";
import { lanAddresses } from "../support/lan-addresses.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";

// Two sessions side by side, as when `npm test` runs while `npm start` does. The first has a short minute and a
// variable of its own; the second has another, and is only there to be apart.
let session: TestSession;
let other: TestSession;

beforeAll(async () => {
  const options = {
    BATON_TICK_MS: "100",
    BATON_VAR_COLOUR: "red",
    BATON_CHROMIUM: "/no/such/file",
  };
  [session, other] = await Promise.all([
    startSession({ env: options }),
    startSession({ env: { BATON_TICK_MS: "1000", BATON_VAR_ALLOW_LOOPBACK: "false" } }),
  ]);
});
afterAll(() => Promise.all([session?.stop(), other?.stop()]));

type Listed = { data: Record<string, unknown>[] };
const log = (of: TestSession) => readFileSync(join(of.state, "wrangler.log"), "utf8");
const received = async (of: TestSession) =>
  (await (await fetch(`${of.receiverUrl}/__received`)).json()) as ReceivedRequest[];

async function list(of: TestSession, path: string): Promise<Record<string, unknown>[]> {
  const answer = await of.api(path);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as Listed).data;
}

function findLine(of: TestSession, pattern: RegExp): Promise<string> {
  return waitFor(
    () =>
      of
        .output()
        .split("\n")
        .find((line) => pattern.test(line)),
    {
      what: `a line like ${pattern}`,
      explain: of.output,
    },
  );
}

test("local.json has the documented shape, and only its owner may read it", () => {
  const { BATON_PORT: port, BATON_RECEIVER_PORT: receiverPort } = session.env;
  expect(session.file).toEqual({
    appUrl: `http://localhost:${port}`,
    ingestUrl: `http://{slug}.localhost:${port}`,
    apiKey: expect.stringMatching(/^bt_[\w-]{32}$/),
    organizationId: expect.stringMatching(/^org_[0-9a-z]{26}$/),
    demo: { sourceSlug: "demo", receiverUrl: `http://127.0.0.1:${receiverPort}` },
    kakao: { callbackOrigins: expect.arrayContaining(["http://127.0.0.1:18443"]) },
    pid: session.child.pid,
  });
  for (const folder of ["", "configs"]) {
    expect(statSync(join(session.state, folder)).mode & 0o777).toBe(0o700);
  }
  expect(statSync(join(session.state, "local.json")).mode & 0o777).toBe(0o600);
  expect(statSync(join(session.state, "secrets.json")).mode & 0o777).toBe(0o600);
  expect(statSync(join(session.state, "configs/app/wrangler.json")).mode & 0o777).toBe(0o600);
});

test("the demo stands ready: two sources with a rule each, the receiver as destination, a KakaoTalk channel and chat", async () => {
  const [chat, kakao, phone, source] = await list(session, "/sources");
  const [destination] = await list(session, "/destinations");
  const [phoneRule, rule] = await list(session, "/rules");
  expect(source).toMatchObject({ slug: "demo", preset: "generic" });
  expect(phone).toMatchObject({ slug: "phone", preset: "phone" });
  expect(kakao).toMatchObject({ slug: "kakao", preset: "kakao" });
  expect(chat).toMatchObject({ slug: "chat", preset: "chat" });
  expect(phoneRule).toMatchObject({ sourceId: phone?.id, destinationId: destination?.id });
  expect(destination).toMatchObject({
    kind: "http",
    config: { url: session.receiverUrl, appendPath: true },
  });
  expect(rule).toMatchObject({
    name: "everything",
    match: {},
    sourceId: source?.id,
    destinationId: destination?.id,
  });
});

test("the demo organization operates the deployment: it sees strays", async () => {
  expect((await session.api("/strays")).status).toBe(200);
});

test("the printed curl works as it is, and the event goes to the receiver with a line for it", async () => {
  const command = await findLine(session, /curl -X POST 'http:\/\/localhost:\d+\/in\/demo\//);
  const { stdout } = await promisify(execFile)("sh", ["-c", `${command.trim()} --silent`]);
  const { id } = JSON.parse(stdout) as { id: string };
  expect(id).toMatch(/^evt_/);
  const request = await waitFor(
    async () => (await received(session)).find(({ headers }) => headers["x-baton-event-id"] === id),
    { what: "the receiver's record", explain: session.output },
  );
  expect(request).toMatchObject({ method: "POST", url: "/card", body: SAMPLE_BODY });
  const line = await findLine(
    session,
    / → everything → receiver → succeeded \(200, POST \/card\)$/,
  );
  expect(line).toMatch(/^localhost:\d+ → |^localhost → /);
});

test("one event is one line", async () => {
  await fetch(`${session.ingestUrl("demo")}/only-once`, { method: "POST", body: "x" });
  await findLine(session, /→ succeeded .*only-once/);
  // A second event that is finished later shows that nothing came behind the first.
  await fetch(`${session.ingestUrl("demo")}/afterwards`, { method: "POST", body: "x" });
  await findLine(session, /→ succeeded .*afterwards/);
  const lines = session.output().split("\n");
  expect(lines.filter((line) => line.includes("→") && line.includes("only-once"))).toHaveLength(1);
});

test("<slug>.localhost is the source's host, and the path is passed on", async () => {
  const answer = await session.send("demo.localhost", "/wild/card?a=1", {
    method: "PUT",
    body: "z",
  });
  expect(answer.status).toBe(202);
  await findLine(
    session,
    /^demo\.localhost(:\d+)? → everything → receiver → succeeded .*PUT \/wild/,
  );
  const [last] = await received(session);
  expect(last).toMatchObject({ method: "PUT", url: "/wild/card?a=1", body: "z" });
});

test.each(["127.0.0.1", "localhost", "192.168.0.7", "name.trycloudflare.com"])(
  "the host %s is the app host, and /in/<slug>/… works there",
  async (host) => {
    const health = await session.send(host, "/health");
    expect(health.status).toBe(200);
    expect(JSON.parse(health.text)).toMatchObject({ status: "ok" });
    const ingest = await session.send(host, "/in/demo/outside", { method: "POST", body: "o" });
    expect(ingest.status).toBe(202);
  },
);

test("what matches no source gets a line, and so does what matches no rule", async () => {
  expect((await session.send("nobody.localhost", "/lost", { method: "POST" })).status).toBe(404);
  await findLine(session, /^nobody\.localhost\S* → no source → – → kept \(POST \/lost/);
  const body = JSON.stringify({ slug: "silent", name: "Silent" });
  expect((await session.api("/sources", { method: "POST", body })).status).toBe(201);
  await fetch(`${session.ingestUrl("silent")}/quiet`, { method: "POST" });
  await findLine(session, /→ no rule matched → – → kept \(POST \/quiet\)/);
});

test("a change takes effect at once", async () => {
  const body = JSON.stringify({ slug: "instant", name: "Instant" });
  const { id } = (await (await session.api("/sources", { method: "POST", body })).json()) as {
    id: string;
  };
  expect((await session.send("instant.localhost", "/", { method: "POST" })).status).toBe(202);
  const off = { method: "PATCH", body: JSON.stringify({ enabled: false }) };
  expect((await session.api(`/sources/${id}`, off)).status).toBe(200);
  expect((await session.send("instant.localhost", "/", { method: "POST" })).status).toBe(404);
});

test("every declared cron fires by itself", async () => {
  for (const job of ["sweep", "prune"]) {
    await waitFor(() => log(session).includes(`POST /api/v1/jobs/${job}/run 200`), {
      what: `the job ${job}`,
      deadlineMs: 20_000,
      explain: session.output,
    });
  }
  expect(session.output()).not.toContain("failed:");
});

test("BATON_VAR_<NAME> is a variable of every Worker, and of this session only", () => {
  const shown = (of: TestSession) => log(of).match(/env\.COLOUR \("red"\)/g)?.length ?? 0;
  expect(shown(session)).toBeGreaterThanOrEqual(Object.keys(WORKERS).length);
  expect(shown(other)).toBe(0);
});

test("without a demo the session runs all the same, and one line says why there is none", async () => {
  // Its app Worker has ALLOW_LOOPBACK=false, so it takes no destination on this machine.
  const line = await findLine(other, /The demo could not be set up/);
  expect(line).toContain("127.0.0.1");
  expect((await other.api("/sources")).status).toBe(200);
});

test("BATON_HOST=127.0.0.1 is not reachable from the LAN", async () => {
  for (const address of lanAddresses()) {
    const url = `http://${address}:${session.env.BATON_PORT}/health`;
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  }
});

test("two sessions have nothing in common", async () => {
  expect(other.apiKey).not.toBe(session.apiKey);
  const headers = { authorization: `Bearer ${other.apiKey}` };
  const foreign = await fetch(`${session.appUrl}/api/v1/sources`, { headers });
  expect(foreign.status).toBe(401);
  const body = JSON.stringify({ slug: "mine", name: "Mine" });
  expect((await session.api("/sources", { method: "POST", body })).status).toBe(201);
  expect((await list(other, "/sources")).map(({ slug }) => slug)).toEqual(["demo"]);
});

test("without Chromium everything starts, and one line says what is off", async () => {
  const line = await findLine(session, /No Chromium/);
  expect(line).toContain("apt-get install chromium");
  expect(line).toContain("browser sessions are off");
  expect(other.output()).not.toContain("No Chromium");
});

test("no secret but the demo key is printed or logged", () => {
  const secrets = JSON.parse(readFileSync(join(session.state, "secrets.json"), "utf8")) as {
    masterKey: string;
    apiKey: string;
    pageKey: string;
  };
  for (const secret of [secrets.masterKey, secrets.pageKey]) {
    expect(session.output()).not.toContain(secret.slice(0, 12));
    expect(log(session)).not.toContain(secret.slice(0, 12));
  }
  expect(session.output()).toContain(secrets.apiKey);
  expect(log(session)).not.toContain(secrets.apiKey);
});

test("no tracked file is changed by a session", async () => {
  const { stdout } = await promisify(execFile)("git", ["status", "--porcelain", "--", "*.toml"]);
  expect(stdout).toBe("");
});
