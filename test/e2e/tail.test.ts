import { renameSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { inFolder, runProgram, startProgram } from "../cli/tail-program.ts";
import { startSens } from "../emulators/sens.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { addLines, newFolder } from "../tail/support.ts";
import { call } from "./support.ts";

const DEDUP = { from: "header:idempotency-key", windowSeconds: 604_800 };

let session: TestSession;
beforeAll(async () => {
  session = await startSession();
});

/** A source whose every alert is an SMS. */
async function alertsTo(slug: string, sens: Awaited<ReturnType<typeof startSens>>) {
  const source = await call<{ id: string }>(session, 201, "POST", "/sources", {
    slug,
    dedup: DEDUP,
  });
  const { baseUrl, serviceId, accessKey, secretKey, from } = sens;
  const destination = await call<{ id: string }>(session, 201, "POST", "/destinations", {
    name: "on call",
    kind: "sens_sms",
    config: { baseUrl, serviceId, accessKey, secretKey, from, to: ["01012345678"] },
  });
  await call(session, 201, "POST", "/rules", {
    sourceId: source.id,
    name: "alerts by SMS",
    match: {},
    destinationId: destination.id,
  });
  return source;
}

type Passed = { key: string; message: string; status?: number; headers?: IncomingHttpHeaders };

/**
 * Stands between the agent and the session. `pass`: hands on; `no_answer`: hands on and keeps the answer; `drop`:
 * takes the request and does nothing.
 */
async function startProxy(target: string) {
  const proxy = { url: "", alerts: [] as Passed[], mode: "pass" as "pass" | "no_answer" | "drop" };
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const body = Buffer.concat(chunks);
    const { mode } = proxy;
    const isAlert = request.method === "POST";
    const { message } = isAlert ? (JSON.parse(body.toString()) as Passed) : { message: "" };
    const passed: Passed = { key: String(request.headers["idempotency-key"]), message };
    if (mode !== "drop" || !isAlert) {
      const { host: _host, connection: _connection, ...headers } = request.headers;
      const answer = await fetch(`${target}${request.url}`, {
        method: request.method ?? "GET",
        headers: headers as Record<string, string>,
        ...(isAlert && { body }),
      });
      const text = await answer.text();
      Object.assign(passed, { status: answer.status, headers: Object.fromEntries(answer.headers) });
      if (mode !== "no_answer" || !isAlert) response.writeHead(answer.status).end(text);
    }
    if (isAlert) proxy.alerts.push(passed);
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

/*
 * The step's story: a line becomes an SMS; so does the next after a rotation; the agent is killed after its alert was
 * taken and before it knew, and once more before the next was taken; started again, nothing is missing and nothing
 * has come twice.
 */
it("a line in a log is an SMS, through rotation and kill -9: nothing lost, nothing doubled", async () => {
  const sens = await startSens();
  const source = await alertsTo("server-logs", sens);
  const proxy = await startProxy(`http://127.0.0.1:${session.env.BATON_PORT}`);
  const folder = newFolder();
  const log = join(folder, "app.log");
  addLines(log, "ERROR from before");
  const start = () =>
    startProgram(inFolder(folder, "--source", "server-logs"), {
      BATON_URL: proxy.url,
      BATON_API_KEY: session.apiKey,
    });
  const texts = () => sens.requests.map(({ payload }) => payload.content);
  const arrives = (line: string) =>
    waitFor(() => texts().includes(line), {
      what: `the SMS "${line}"`,
      explain: () => JSON.stringify({ texts: texts(), refusals: sens.refusals, ...proxy }),
    });
  const posted = (line: string) =>
    waitFor(() => proxy.alerts.some(({ message }) => message === line), { what: line });

  const first = start();
  await first.looked();
  expect(first.err()).not.toContain("repeated alerts");
  addLines(log, "fine", "ERROR 1");
  await arrives("ERROR 1");

  renameSync(log, join(folder, "app.log.1"));
  addLines(log, "ERROR 2");
  await arrives("ERROR 2");

  proxy.mode = "no_answer";
  addLines(log, "ERROR 3");
  await posted("ERROR 3");
  expect(await first.end("SIGKILL")).toBe("SIGKILL");
  proxy.mode = "drop";
  const second = start();
  addLines(log, "ERROR 4");
  await posted("ERROR 4");
  expect(await second.end("SIGKILL")).toBe("SIGKILL");

  proxy.mode = "pass";
  const third = start();
  addLines(log, "ERROR 5");
  for (const line of ["ERROR 3", "ERROR 4", "ERROR 5"]) await arrives(line);
  const isAcknowledged = () => {
    const { matched = 0, sent } = third.status();
    // The second may have been told again too: it was acknowledged, and not yet written down.
    return matched >= 3 && sent === matched;
  };
  await waitFor(isAcknowledged, { what: "all to be acknowledged", explain: third.err });
  expect(await third.end("SIGTERM")).toBe(0);
  expect(third.err()).toContain("no alert left");

  // Those that were posted together may have come in another order.
  expect(new Set(texts())).toEqual(new Set([1, 2, 3, 4, 5].map((number) => `ERROR ${number}`)));
  expect(texts()).toHaveLength(5);
  expect(sens.refusals).toEqual([]);
  const thrice = proxy.alerts.filter(({ message }) => message === "ERROR 3");
  expect(new Set(thrice.map(({ key }) => key)).size).toBe(1);
  expect(thrice.at(-1)?.headers).toMatchObject({ "x-baton-duplicate": "true" });
  const events = await call<{ data: object[] }>(
    session,
    200,
    "GET",
    `/events?sourceId=${source.id}`,
  );
  expect(events.data).toHaveLength(5);
  await sens.close();
});

it("says how to set dedup, and which source is missing, against the real API", async () => {
  await call(session, 201, "POST", "/sources", { slug: "plain-logs" });
  const env = {
    BATON_URL: `http://127.0.0.1:${session.env.BATON_PORT}`,
    BATON_API_KEY: session.apiKey,
  };
  const folder = newFolder();
  const program = startProgram(inFolder(folder, "--source", "plain-logs"), env);
  await program.looked();
  expect(program.err()).toContain(
    `baton sources update plain-logs --data '${JSON.stringify({ dedup: DEDUP })}'`,
  );
  expect(await program.end("SIGTERM")).toBe(0);
  const missing = await runProgram(inFolder(folder, "--source", "no-such-logs"), env);
  expect(missing).toMatchObject({
    code: 1,
    err: 'baton: There is no source "no-such-logs". Create it: baton sources create --slug no-such-logs\n',
  });
  const wrongKey = await runProgram(inFolder(folder, "--source", "plain-logs"), {
    ...env,
    BATON_API_KEY: "bt_wrong",
  });
  expect(wrongKey.code).toBe(4);
  expect(wrongKey.err).not.toContain("bt_wrong");
});
