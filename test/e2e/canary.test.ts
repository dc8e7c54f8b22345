import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { deriveIngestKey } from "../../src/ingest-key.ts";
import { startReceiver } from "../support/receiver.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { filesBelow, found } from "./find-secrets.ts";
import { call, deliveryOf } from "./support.ts";

/*
 * Secrets with known texts go through everything that a session does: deliveries that succeed, fail, time out and find
 * nobody, refused input, jobs, alerts. Then everything it has written and everything it answers is searched for them.
 *
 * What a secret may be found in is said here, and nowhere else: the captured `authorization` and `cookie` in the event
 * database, where they must stand as received (the API masks them); the session's own keys in its `secrets.json` and
 * configs, files that only their owner reads.
 */

const mark = (name: string) => `canary${name}${crypto.randomUUID().replaceAll("-", "")}`;
const SLACK = mark("slack");
const DISCORD = mark("discord");
const TELEGRAM = mark("telegram");
const SIGNING = btoa(mark("signing")).slice(0, 44);
/** The seed of an ed25519 key: 32 bytes. */
const ED25519 = mark("ed25519").slice(0, 32);
const HEADER = mark("header");
const VERIFY = mark("verify");
const SENDER = mark("sender");
/** A portal's account. */
const USERNAME = mark("username");
const PASSWORD = mark("password");
const EXTRA = mark("extra");
const SEALED = {
  SENDER,
  SLACK,
  DISCORD,
  TELEGRAM,
  SIGNING,
  ED25519,
  HEADER,
  VERIFY,
  USERNAME,
  PASSWORD,
  EXTRA,
};
const AUTHORIZATION = mark("authorization");
const COOKIE = mark("cookie");
const CAPTURED = { AUTHORIZATION, COOKIE };
/** Made by the session itself: an API key, the master key, and the edge's key that is derived from it. */
const made: Record<string, string> = {};

let session: TestSession;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
/** Every answer that is not the one time a secret is shown, by its call. */
const answers: [string, string][] = [];
const ids: Record<string, string> = {};

async function ask(method: string, path: string, body?: unknown, headers = {}): Promise<string> {
  const init =
    body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const text = await (await session.api(path, init)).text();
  answers.push([`${method} ${path}`, text]);
  return text;
}

async function make(path: string, body: unknown): Promise<string> {
  const { id } = JSON.parse(await ask("POST", path, body)) as { id: string };
  expect(id).toBeTypeOf("string");
  return id;
}

async function makeDestination(kind: string, config: Record<string, unknown>): Promise<string> {
  const retry = { schedule: [0, 2] };
  return make("/destinations", { name: `${kind} canary`, kind, config, retry });
}

async function send(): Promise<string> {
  const response = await fetch(session.ingestUrl("canary"), {
    method: "POST",
    headers: {
      "x-baton-sender": made.senderKey ?? "",
      authorization: `Bearer ${AUTHORIZATION}`,
      cookie: `session=${COOKIE}`,
      "content-type": "text/plain",
    },
    body: "hello",
  });
  const { id } = (await response.json()) as { id: string };
  return id;
}

beforeAll(async () => {
  session = await startSession({ env: { BATON_TICK_MS: "2000" } });
  receiver = await startReceiver();
  return () => receiver.close();
});

it("secrets go through everything that a session does", async () => {
  const secrets = JSON.parse(readFileSync(join(session.state, "secrets.json"), "utf8")) as Record<
    string,
    string
  >;
  made.masterKey = secrets.masterKey ?? "";
  made.ingestKey = await deriveIngestKey(made.masterKey);
  expect([made.masterKey.length, made.ingestKey.length]).toEqual([44, 44]);
  const key = await call<{ id: string; key: string }>(session, 201, "POST", "/api-keys", {
    name: "canary",
    scopes: ["admin"],
  });
  made.apiKey = key.key;

  const http = (url: string) => ({
    url,
    timeoutMs: 1000,
    forwardCredentials: true,
    headers: { "x-partner-token": HEADER },
    sign: {
      scheme: "standard-webhooks",
      secrets: [`whsec_${SIGNING}`, `whsk_${btoa(ED25519)}`],
    },
  });
  const destinations = {
    ok: await makeDestination("http", http(`${receiver.url}/ok`)),
    failing: await makeDestination("http", http(`${receiver.url}/status/500`)),
    hanging: await makeDestination("http", http(`${receiver.url}/hang`)),
    gone: await makeDestination("http", http(`${receiver.url}/status/410`)),
    nobody: await makeDestination("http", http("http://127.0.0.1:1/")),
    slack: await makeDestination("slack", { url: `${receiver.url}/services/T0/B0/${SLACK}` }),
    slackFailing: await makeDestination("slack", { url: `${receiver.url}/status/403/${SLACK}` }),
    discord: await makeDestination("discord", {
      url: `${receiver.url}/api/webhooks/1/${DISCORD}?thread_id=2`,
    }),
    telegram: await makeDestination("telegram", {
      token: `1:${TELEGRAM}`,
      chatId: 1,
      baseUrl: `${receiver.url}/status/500`,
    }),
  };
  Object.assign(ids, { destinations: destinations.ok });
  ids.sources = await make("/sources", { slug: "canary" });
  const sender = await call<{ key: string }>(
    session,
    201,
    "POST",
    `/sources/${ids.sources}/senders`,
    { name: "canary" },
  );
  made.senderKey = sender.key;
  const own = { name: "own key", key: SENDER, state: "muted" };
  await call(session, 201, "POST", `/sources/${ids.sources}/senders`, own);
  for (const path of [`/~${SENDER}/a`, `/a?sender=${made.senderKey}x`, `/~${made.senderKey}/a`]) {
    await fetch(session.ingestUrl("canary") + path).then((response) => response.text());
  }
  for (const [name, destinationId] of Object.entries(destinations)) {
    const rule = { sourceId: ids.sources, name, match: {}, destinationId };
    ids.rules = await make("/rules", rule);
  }
  await make("/sources", {
    slug: "canary-verified",
    verification: {
      preset: "github",
      secrets: [VERIFY],
      toleranceSeconds: 300,
      onFailure: "reject",
    },
  });
  await fetch(session.ingestUrl("canary-verified"), {
    method: "POST",
    headers: { "x-hub-signature-256": `sha256=${"0".repeat(64)}`, authorization: AUTHORIZATION },
    body: "{}",
  }).then((response) => response.text());
  await ask("PUT", "/alerts", { destinationId: destinations.slack });
  await makePortal();

  const events = [await send(), await send(), await send(), await send(), await send()];
  ids.events = events[0] ?? "";
  let open: unknown[] = [];
  const delivered = async () => {
    const { data } = await call<{ data: { status: string; eventId: string }[] }>(
      session,
      200,
      "GET",
      "/deliveries?limit=100",
    );
    open = data.filter(({ status }) => !["succeeded", "failed"].includes(status));
    return data.length >= 5 * Object.keys(destinations).length && open.length === 0;
  };
  await waitFor(delivered, {
    what: "every delivery to end",
    deadlineMs: 60_000,
    everyMs: 500,
    explain: () => JSON.stringify(open),
  });
  for (const id of Object.values(destinations)) {
    await ask("POST", `/destinations/${id}/test`);
    await ask("GET", `/destinations/${id}`);
    await ask("PATCH", `/destinations/${id}`, { name: "renamed" });
  }
  for (const job of ["health", "sweep", "receipts", "prune", "rotate", "portals"])
    await ask("POST", `/jobs/${job}/run`);
  expect(receiver.received.some(({ headers }) => JSON.stringify(headers).includes(HEADER))).toBe(
    true,
  );
  for (const secret of [SLACK, DISCORD, TELEGRAM]) {
    expect(receiver.received.some(({ url }) => url.includes(secret))).toBe(true);
  }
  const alerts = await call<{ data: { kind: string; check: string; status: string }[] }>(
    session,
    200,
    "GET",
    "/alerts",
  );
  expect(alerts.data).toContainEqual(
    expect.objectContaining({ check: `destination:${destinations.gone}`, status: "sent" }),
  );
  expect(
    receiver.received.some(
      ({ url, body }) => url.includes(SLACK) && body.includes("was disabled: `gone`"),
    ),
  ).toBe(true);
}, 120_000);

const ACCOUNT = {
  username: USERNAME,
  password: PASSWORD,
  phone: "010-1234-5678",
  extra: { branch: EXTRA },
};

/** A portal with an account, at a port where nobody listens. */
async function makePortal(): Promise<void> {
  ids.portals = await make("/portals", {
    name: "canary",
    definition: "simulated",
    baseUrl: "http://127.0.0.1:9",
    enabled: false,
  });
  await ask("PUT", `/portals/${ids.portals}/credentials`, ACCOUNT);
  await ask("POST", `/portals/${ids.portals}/session-pair/start`);
  await ask("POST", `/portals/${ids.portals}/request`, { method: "GET", path: "/", waitMs: 0 });
  for (const what of ["status", "metrics", "audit"]) {
    await ask("GET", `/portals/${ids.portals}/session-pair/${what}`);
  }
}

it("refused input comes back without its secrets", async () => {
  const bad = [
    [
      "/destinations",
      { name: "x", kind: "slack", config: { url: `ftp://hooks.slack.com/${SLACK}` } },
    ],
    [
      "/destinations",
      { name: "x", kind: "slack", config: { url: `http://hooks.slack.com/services/${SLACK}` } },
    ],
    ["/destinations", { name: "x", kind: "slack", config: { url: { [SLACK]: 1 } } }],
    [
      "/destinations",
      { name: "x", kind: "discord", config: { url: `https://discord.com/api/${DISCORD}` } },
    ],
    ["/destinations", { name: "x", kind: "telegram", config: { token: TELEGRAM, chatId: 1 } }],
    [
      "/destinations",
      {
        name: "x",
        kind: "telegram",
        config: { token: `1:${TELEGRAM}`, chatId: 1, baseUrl: `https://10.0.0.1/${TELEGRAM}` },
      },
    ],
    [
      "/destinations",
      {
        name: "x",
        kind: "http",
        config: { url: "http://10.0.0.1/", headers: { "x-token": HEADER } },
      },
    ],
    [
      "/destinations",
      {
        name: "x",
        kind: "http",
        config: { url: "https://x.example", headers: { "x-token": `${HEADER}\n` } },
      },
    ],
    [
      "/destinations",
      {
        name: "x",
        kind: "http",
        config: {
          url: "https://x.example",
          sign: { scheme: "standard-webhooks", secret: `${SIGNING}!` },
        },
      },
    ],
    [
      "/sources",
      { slug: "bad", verification: { preset: "github", secrets: [VERIFY], onFailure: VERIFY } },
    ],
  ] as const;
  const before = answers.length;
  for (const [path, body] of bad) {
    const text = await ask("POST", path, body);
    expect(JSON.parse(text)).toMatchObject({ status: 422 });
  }
  await ask("PATCH", `/destinations/${ids.destinations}`, {
    config: { sign: { secret: SIGNING } },
  });
  for (const wrong of [
    { phone: PASSWORD },
    { username: [PASSWORD] },
    { extra: { branch: [EXTRA] } },
  ]) {
    await ask("PUT", `/portals/${ids.portals}/credentials`, { ...ACCOUNT, ...wrong });
  }
  await session
    .api("/sources", { method: "POST", body: `{"slug": ${AUTHORIZATION}` })
    .then(async (response) => answers.push(["POST broken JSON", await response.text()]));
  const leaks = answers.slice(before).flatMap(([, text]) => found(text, allSecrets()));
  expect(leaks).toEqual([]);
}, 30_000);

/** The live stream from its beginning, until it has shown deliveries: it has no end. */
async function readLive(): Promise<string> {
  const response = await fetch(`${session.appUrl}/api/v1/live?since=all`, {
    headers: { authorization: `Bearer ${session.apiKey}` },
  });
  let text = "";
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (text.split("event: delivery").length > 5) break;
  }
  return text;
}

it("no answer of the API, and no page, has a secret", async () => {
  const document = JSON.parse(await (await fetch(`${session.appUrl}/api/openapi.json`)).text()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const { data } = await call<{ data: { id: string }[] }>(
    session,
    200,
    "GET",
    "/deliveries?limit=100",
  );
  const paths = Object.keys(document.paths).filter((path) => document.paths[path]?.get);
  answers.push(["GET /live", await readLive()]);
  for (const path of paths.filter((each) => !each.includes("{") && !each.endsWith("/live"))) {
    const response = await fetch(session.appUrl + path, {
      headers: { authorization: `Bearer ${session.apiKey}` },
    });
    answers.push([`GET ${path}`, await response.text()]);
  }
  for (const word of ["sources", "destinations", "rules", "events", "portals"])
    await ask("GET", `/${word}/${ids[word]}`);
  for (const { id } of data) {
    const { attempts } = JSON.parse(await ask("GET", `/deliveries/${id}`)) as {
      attempts: { number: number }[];
    };
    for (const { number } of attempts) {
      expect(await ask("GET", `/deliveries/${id}/attempts/${number}/curl`)).toContain("curl");
    }
  }
  await ask("GET", `/deliveries?status=failed&groupBy=reason`);
  expect(answers.length).toBeGreaterThan(100);
  expect(
    answers.flatMap(([what, text]) =>
      found(text, allSecrets()).map((name) => `${name} in ${what}`),
    ),
  ).toEqual([]);
}, 60_000);

it("no file of the session has a secret but where it must be", async () => {
  await deliveryOf(session, ids.events ?? "", "succeeded");
  await session.stop();
  const files = filesBelow(session.state);
  const text = new Map(
    files.map((path) => [relative(session.state, path), readFileSync(path, "latin1")]),
  );
  expect([...text.keys()]).toContain("wrangler.log");
  // A database is one file, and what SQLite keeps beside it.
  const eventDatabases = [...text]
    .filter(([, content]) => content.includes("stray_counts"))
    .map(([path]) => path);
  expect(eventDatabases.length).toBeGreaterThan(0);
  const isEvents = (path: string) =>
    path.startsWith("v3/d1/") &&
    eventDatabases.some((database) => path.startsWith(database.replace(/-(wal|shm)$/, "")));
  const isOwnKeys = (path: string) => path === "secrets.json" || path.startsWith("configs/");
  const leaks = [...text].flatMap(([path, content]) => {
    const forbidden = {
      ...SEALED,
      apiKey: made.apiKey ?? "",
      senderKey: made.senderKey ?? "",
      ...(isEvents(path) ? {} : CAPTURED),
      ...(isOwnKeys(path)
        ? {}
        : { masterKey: made.masterKey ?? "", ingestKey: made.ingestKey ?? "" }),
    };
    return found(content, forbidden).map((name) => `${name} in ${path}`);
  });
  expect(leaks).toEqual([]);
  expect(found(session.output(), allSecrets())).toEqual([]);
  // The search itself works: what may be there is found.
  const events = [...text].filter(([path]) => isEvents(path)).map(([, content]) => content);
  expect(found(events.join(""), CAPTURED)).toEqual(["AUTHORIZATION", "COOKIE"]);
}, 60_000);

function allSecrets(): Record<string, string> {
  return { ...SEALED, ...CAPTURED, ...made };
}
