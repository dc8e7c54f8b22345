import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMPILE_CACHE } from "../support/compile-cache.ts";
import { installPacked, systemNode } from "../support/packed-cli.ts";
import { pickPort } from "../support/pick-port.ts";
import { ROOT } from "../support/run-program.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";

/*
 * Every command against a real session, as people run them: in the clone by `npx baton` and its launcher, with nothing
 * but the session's folder in the environment; and packed, installed elsewhere, with the system's Node.
 */

type Ran = { code: number; out: string; err: string; bytes: Buffer };
type Options = { env?: Record<string, string>; input?: string; cwd?: string };

let session: TestSession;
let home: string;
const children = new Set<ChildProcess>();

function start(file: string, words: readonly string[], { env, cwd = ROOT }: Options) {
  const child = spawn(file, words, {
    cwd,
    // Not the test's own: the machine's HOME may hold settings, and its LANG may be Korean.
    env: { PATH: process.env.PATH, HOME: home, LANG: "C.UTF-8", ...COMPILE_CACHE, ...env },
    stdio: "pipe",
  });
  children.add(child);
  const out: Buffer[] = [];
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<number>((resolve) => {
    child.once("close", (code) => {
      children.delete(child);
      resolve(code ?? -1);
    });
  });
  const output = () => Buffer.concat(out);
  return { child, ended, output, errors: () => err };
}

async function execute(file: string, words: readonly string[], options: Options): Promise<Ran> {
  const { child, ended, output, errors } = start(file, words, options);
  child.stdin.end(options.input ?? "");
  const code = await ended;
  return { code, out: output().toString(), err: errors(), bytes: output() };
}

const LAUNCHER = join(ROOT, "bin/baton.mjs");

function baton(words: readonly string[], options: Options = {}): Promise<Ran> {
  const env = { BATON_STATE: session.state, ...options.env };
  return execute(process.execPath, [LAUNCHER, ...words], { ...options, env });
}

/** What a command answers with `--json`; it must end well and say nothing beside it. */
async function json<T = Record<string, unknown>>(...words: string[]): Promise<T> {
  const { code, out, err } = await baton([...words, "--json"]);
  expect({ words, code, err }).toEqual({ words, code: 0, err: "" });
  return JSON.parse(out) as T;
}

type Thing = { id: string; name: string };

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "baton-home-"));
  session = await startSession();
}, 120_000);

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(home, { recursive: true, force: true });
});

describe("in the clone", () => {
  it("npx baton reads the local session's file, without a login", async () => {
    const env = { BATON_STATE: session.state };
    const { code, out } = await execute("npx", ["baton", "sources", "ls", "--json"], { env });
    expect(code).toBe(0);
    const slugs = (JSON.parse(out) as { slug: string }[]).map(({ slug }) => slug);
    expect(slugs).toEqual(expect.arrayContaining(["demo", "phone"]));
    expect(readdirSync(home).filter((name) => name !== ".npm")).toEqual([]);
  });

  it("tables have stable columns, no colours in a pipe, and Korean texts in Korean", async () => {
    const english = await baton(["sources", "ls"]);
    expect(english.out).toMatch(/^ID +SLUG +NAME +PRESET +ENABLED +URL\n(src_\S+ +.+\n)+$/);
    const korean = await baton(["sources", "ls"], { env: { LANG: "ko_KR.UTF-8" } });
    expect(korean.out).toMatch(/^ID +SLUG +이름 +프리셋 +켜짐 +URL\n/);
    expect(english.out + korean.out).not.toContain("\u001b");
    const missing = await baton(["sources", "get", "nope"], { env: { BATON_LANG: "ko" } });
    expect(missing).toMatchObject({ code: 1, out: "" });
    expect(missing.err).toBe("baton: 소스 nope 이 없습니다. 목록을 보세요: baton sources ls\n");
  });
});

describe("the launcher", () => {
  it("runs the source by the project's Node when it is started by another one, and passes signals on", async () => {
    const env = { BATON_STATE: session.state };
    const listed = await execute(systemNode(), [LAUNCHER, "sources", "ls"], { env });
    expect(listed).toMatchObject({ code: 0, err: "" });
    const port = String(await pickPort());
    const receive = start(systemNode(), [LAUNCHER, "receive", "--port", port], { env });
    await waitFor(() => receive.errors().includes(port), { what: "the receiver" });
    receive.child.kill("SIGTERM");
    expect(await receive.ended).toBe(0);
    const gone = await fetch(`http://127.0.0.1:${port}`).then(
      () => false,
      () => true,
    );
    expect(gone).toBe(true);
  });

  it("says what to do before npm ci", async () => {
    const clone = join(home, "clone");
    for (const folder of ["bin", "src/cli"]) mkdirSync(join(clone, folder), { recursive: true });
    cpSync(LAUNCHER, join(clone, "bin/baton.mjs"));
    cpSync(join(ROOT, "src/cli/main.ts"), join(clone, "src/cli/main.ts"));
    const ran = await execute(systemNode(), [join(clone, "bin/baton.mjs"), "sources"], {});
    expect(ran).toMatchObject({ code: 2, out: "" });
    expect(ran.err).toBe(`baton: Nothing is installed yet. Run: (cd ${clone} && npm ci)\n`);
  });
});

describe("every resource: create, ls, get, update, rm", () => {
  it("sources and senders", async () => {
    const source = await json<Thing>("sources", "create", "--slug", "cli-one", "--name", "회사");
    const dedup = '{"from":"body","windowSeconds":60}';
    const more = ["--dedup", dedup, "--require-sender", "--retention-days", "3"];
    const changed = await json("sources", "update", "cli-one", ...more);
    expect(changed).toMatchObject({
      id: source.id,
      name: "회사",
      requireSender: true,
      retentionDays: 3,
      dedup: { from: "body" },
    });
    expect(await json("sources", "update", "회사", "--data", '{"dedup":null}')).toMatchObject({
      dedup: null,
    });
    expect(await json("sources", "get", "cli-one")).toMatchObject({ id: source.id, dedup: null });

    const sender = await json<Thing & { key: string }>(
      "senders",
      "create",
      "cli-one",
      "--name",
      "kim",
    );
    expect(sender.key).toMatch(/^bts_/);
    expect(await json("senders", "update", "cli-one", "kim", "--state", "muted")).toMatchObject({
      id: sender.id,
      state: "muted",
    });
    expect(await json("senders", "get", "cli-one", "kim")).toMatchObject({ state: "muted" });
    expect(await json<Thing[]>("senders", "ls", "cli-one")).toMatchObject([{ id: sender.id }]);
    expect(await json("senders", "rm", "cli-one", "kim", "--yes")).toEqual({
      id: sender.id,
      deleted: true,
    });
    expect(await json("senders", "ls", "cli-one")).toEqual([]);

    const refused = await baton(["sources", "rm", "cli-one"]);
    expect(refused).toMatchObject({ code: 2, out: "" });
    await json("sources", "rm", "cli-one", "-y");
    expect(await baton(["sources", "get", source.id])).toMatchObject({ code: 1 });
  });

  it("destinations and rules, by names", async () => {
    const headers = ["--config", "headers.x-team=core", "--config", "timeoutMs:=5000"];
    const url = ["--url", `${session.receiverUrl}/a`];
    const kind = ["--kind", "http", "--name", "books", "--retry", "0,5"];
    const destination = await json<Thing>("destinations", "create", ...kind, ...url, ...headers);
    expect(destination).toMatchObject({
      retry: { schedule: [0, 5] },
      config: { headers: { "x-team": "core" }, timeoutMs: 5000 },
    });
    const rate = ["--rate", "2.5", "--concurrency", "3", "--disable"];
    expect(await json("destinations", "update", "books", ...rate)).toMatchObject({
      rate: { perSecond: 2.5, concurrency: 3 },
      enabled: false,
    });
    expect(
      await json("destinations", "update", "books", "--rate", "none", "--enable"),
    ).toMatchObject({
      rate: null,
      enabled: true,
    });
    expect(await json<Thing[]>("destinations", "ls")).toContainEqual(
      expect.objectContaining({ id: destination.id }),
    );

    const names = ["--source", "demo", "--destination", "books", "--name", "paid"];
    const match = ["--match", '{"text":{"contains":"승인"}}', "--disable"];
    const rule = await json<Thing>("rules", "create", ...names, ...match);
    expect(rule).toMatchObject({ destinationId: destination.id, enabled: false });
    expect(await json("rules", "update", "paid", "--order", "7", "--stop")).toMatchObject({
      order: 7,
      stop: true,
      match: { text: { contains: "승인" } },
    });
    expect(await json("rules", "get", "paid")).toMatchObject({ id: rule.id, order: 7 });
    expect(await json<Thing[]>("rules", "ls", "--source", "demo")).toHaveLength(2);
    expect(await json<Thing[]>("rules", "ls", "--source", "phone")).toHaveLength(1);
    const used = await baton(["destinations", "rm", "books", "--yes"]);
    expect(used).toMatchObject({ code: 1, out: "" });
    await json("rules", "rm", "paid", "--yes");
    await json("destinations", "rm", "books", "--yes");
  });

  it("--all pages through everything, a list of --limit is its beginning", async () => {
    const slugs = Array.from({ length: 101 }, (_, i) => `cli-many-${i}`);
    const create = (slug: string) =>
      session.api("/sources", { method: "POST", body: JSON.stringify({ slug }) });
    for (const slug of slugs) expect((await create(slug)).status).toBe(201);
    const all = await json<(Thing & { slug: string })[]>("sources", "ls", "--all");
    expect(new Set(all.map(({ slug }) => slug))).toEqual(
      new Set([...slugs, ...all.slice(101).map(({ slug }) => slug)]),
    );
    expect(all.map(({ slug }) => slug)).toContain("demo");
    expect(await json<Thing[]>("sources", "ls", "--limit", "102")).toEqual(all.slice(0, 102));
  });

  it("keys: shown once, limited by their scopes, refused when deleted", async () => {
    const key = await json<Thing & { key: string }>(
      "keys",
      "create",
      "--name",
      "ci",
      "--scopes",
      "read",
    );
    expect(await json("keys", "get", "ci")).toEqual(expect.not.objectContaining({ key: key.key }));
    expect(await json("keys", "update", "ci", "--name", "build")).toMatchObject({
      id: key.id,
      scopes: ["read"],
    });
    const env = { BATON_API_KEY: key.key };
    expect(await baton(["sources", "ls"], { env })).toMatchObject({ code: 0, err: "" });
    const scope = await baton(["keys", "ls"], { env });
    expect(scope).toMatchObject({ code: 4, out: "" });
    await json("keys", "rm", "build", "--yes");
    const gone = await baton(["sources", "ls"], { env });
    expect(gone).toMatchObject({ code: 4, out: "" });
    expect(gone.err).not.toContain(key.key);
  });

  it("channels token and issuers: who may use channels", async () => {
    const made = await json<{ token: string }>(
      "channels",
      "token",
      "--subscribe",
      "orders.*",
      "--subscribe",
      "news",
      "--expires-in",
      "60",
    );
    const [, payload = ""] = made.token.split(".");
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({
      baton: { subscribe: ["orders.*", "news"], publish: [] },
    });
    const issuer = await json<Thing>(
      "issuers",
      "create",
      "--name",
      "login",
      "--issuer",
      "https://login.example.org/",
      "--jwks-url",
      "https://login.example.org/jwks.json",
    );
    expect(await json<Thing[]>("issuers", "ls")).toMatchObject([{ id: issuer.id, name: "login" }]);
    expect(await json("issuers", "get", "login")).toEqual(issuer);
    await json("issuers", "rm", "https://login.example.org/", "--yes");
    expect(await json("issuers", "ls")).toEqual([]);
  });
});

describe("from a request to its delivery", () => {
  it("receive, send --wait, events, deliveries, replay, retry, curl, stats", async () => {
    const port = await pickPort();
    const env = { BATON_STATE: session.state };
    const receiver = start(process.execPath, [LAUNCHER, "receive", "--port", String(port)], {
      env,
    });
    await waitFor(() => receiver.errors().includes(`http://127.0.0.1:${port}`), {
      what: "the receiver",
      explain: receiver.errors,
    });
    const to = ["--url", `http://127.0.0.1:${port}/in`];
    await json("sources", "create", "--slug", "cli-way");
    await json("destinations", "create", "--kind", "http", "--name", "way", ...to);
    const parts = ["--source", "cli-way", "--destination", "way", "--name", "way"];
    await json("rules", "create", ...parts, "--match", '{"method":["POST"]}');

    const send = [
      "send",
      "cli-way",
      "--path",
      "/pay?kind=new",
      "-H",
      "x-a: b",
      "-d",
      "-",
      "--wait",
    ];
    const sent = await baton([...send, "--json"], { input: '{"won":"승인"}' });
    expect(sent).toMatchObject({ code: 0 });
    const { id, deliveries } = JSON.parse(sent.out) as { id: string; deliveries: Thing[] };
    expect(deliveries).toMatchObject([{ status: "succeeded", responseStatus: 200 }]);
    expect(receiver.output().toString()).toContain('POST /in?kind=new (16 B) {"won":"승인"}');
    const delivery = deliveries[0]?.id ?? "";

    const filters = ["--source", "cli-way", "--method", "post", "--path", "/p*", "--from", "1h"];
    expect(await json<Thing[]>("events", "ls", ...filters)).toMatchObject([
      { id, status: "routed" },
    ]);
    expect(await json("events", "get", id)).toMatchObject({ contentType: "application/json" });
    const replayed = await json<{ deliveries: Thing[] }>(
      "events",
      "replay",
      id,
      "--destination",
      "way",
    );
    expect(replayed.deliveries).toHaveLength(1);

    expect(await json<Thing[]>("deliveries", "ls", "--event", id)).toHaveLength(2);
    expect(await json("deliveries", "get", delivery)).toMatchObject({ attempts: [{ number: 1 }] });
    const shown = await baton(["deliveries", "get", delivery]);
    expect(shown.out).toMatch(/^try 1: \S+Z POST http:\S+ → 200 \(\d+ ms\) {2}succeeded$/m);
    const retried = await json("deliveries", "retry", delivery);
    expect(retried).toMatchObject({ id: delivery });
    await waitFor(
      async () =>
        (await json<{ attempts: unknown[] }>("deliveries", "get", delivery)).attempts.length === 2,
      { what: "the second try", everyMs: 200 },
    );
    for (const [number, attempt] of [
      ["1", "1"],
      [undefined, "2"],
    ]) {
      const curl = await baton(["deliveries", "curl", delivery, ...(number ? [number] : [])]);
      expect(curl).toMatchObject({ code: 0, err: "" });
      expect(curl.out).toContain(`-H 'x-baton-attempt: ${attempt}'`);
    }
    const stats = await json<{ sources: object[] }>("stats", "cli-way");
    expect(stats).toMatchObject({
      sources: [{ slug: "cli-way", events: 1, senders: 1, muted: 0 }],
      failures: { groups: [] },
    });
    receiver.child.kill("SIGTERM");
    expect(await receiver.ended).toBe(0);
  });

  it("events body writes the exact bytes, to stdout and to a file for the owner only", async () => {
    const bytes = Buffer.from([0, 1, 255, 254, 13, 10, 128, 27]);
    const { status, headers } = await session.send("demo.localhost", "/raw", {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: bytes,
    });
    expect(status).toBe(202);
    const id = String(headers["x-baton-event-id"]);
    expect((await baton(["events", "body", id])).bytes).toEqual(bytes);
    const file = join(home, "body.bin");
    expect(await json("events", "body", id, "-o", file)).toEqual({ file });
    expect(readFileSync(file)).toEqual(bytes);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const nowhere = await baton(["events", "body", id, "-o", join(home, "no/where")]);
    expect(nowhere).toMatchObject({ code: 2, out: "" });
    expect(await baton(["events", "body", "evt_nothing", "-o", join(home, "none")])).toMatchObject({
      code: 1,
    });
    expect(readdirSync(home).filter((name) => /part|none/.test(name))).toEqual([]);
  });

  it("send: what was not stored is exit 1; what was not delivered is exit 5, and in failures", async () => {
    await json("sources", "create", "--slug", "cli-off", "--disable");
    const off = await baton(["send", "cli-off", "-d", "x"]);
    expect(off).toMatchObject({ code: 1, out: "" });

    const port = await pickPort();
    await json("sources", "create", "--slug", "cli-bad");
    const to = ["--url", `http://127.0.0.1:${port}`, "--retry", "0"];
    await json("destinations", "create", "--kind", "http", "--name", "closed", ...to);
    const parts = ["--source", "cli-bad", "--destination", "closed", "--name", "bad"];
    await json("rules", "create", ...parts, "--match", "{}");
    const bad = await baton(["send", "cli-bad", "-d", "x", "--wait"]);
    expect(bad.code).toBe(5);
    expect(bad.out).toMatch(/^202 evt_\S+\nID .*\ndlv_\S+ .* failed /);
    const failures = await baton(["deliveries", "failures", "--destination", "closed"]);
    expect(failures.out).toMatch(/^COUNT .*\n1 +connection_failed +dst_/);

    const quiet = await json("sources", "create", "--slug", "cli-quiet");
    expect(quiet).toMatchObject({ slug: "cli-quiet" });
    const alone = await baton(["send", "cli-quiet", "--wait"]);
    expect(alone).toMatchObject({ code: 0 });
    expect(alone.out).toMatch(/^202 evt_\S+\nno rule matched\n$/);
  });

  it("rules test explains a made-up event and a stored one", async () => {
    const match = ["--match", '{"text":{"contains":"승인"}}'];
    const no = await baton(["rules", "test", ...match, "--body", "거절"]);
    expect(no).toMatchObject({ code: 0, err: "" });
    expect(no.out).toContain("It does not match.\n  ✗  text.contains  wants contains");
    const sent = await json("send", "cli-quiet", "-d", "승인 12000");
    const event = ["--event", String(sent.id)];
    const transform = ["--transform", '[{"kind":"template","template":"{{ text }}!"}]'];
    const yes = await baton(["rules", "test", ...match, ...event, ...transform]);
    expect(yes.out).toContain("It matches.");
    expect(yes.out).toContain("\n승인 12000!\n");
    expect(await json("rules", "test", ...match, ...event)).toMatchObject({ matched: true });
  });

  it("strays and health", async () => {
    await session.send("nobody.localhost", "/lost", { method: "POST" });
    const strays = await json<object[]>("strays", "ls");
    expect(strays).toContainEqual(expect.objectContaining({ path: "/lost" }));
    const health = await baton(["health", "--json"], { env: { BATON_API_KEY: "" } });
    expect(JSON.parse(health.out)).toMatchObject({ status: "ok", parts: { control: "ok" } });
  });
});

describe("packed, installed elsewhere, on the system's Node", () => {
  let packed: Awaited<ReturnType<typeof installPacked>>;
  const runPacked = (words: readonly string[], env: Record<string, string> = {}, input?: string) =>
    execute(packed.node, [packed.program, ...words], { cwd: packed.folder, env, input });

  beforeAll(async () => {
    packed = await installPacked();
  }, 120_000);

  it("is one bundle that needs nothing else", () => {
    // Beside it, the client library with its types.
    const isLibrary = (path: string) => /^dist\/client(\.mjs|\/[a-z-]+\.d\.ts)$/.test(path);
    expect(packed.files).toContain("dist/client.mjs");
    expect(packed.files).toContain("dist/client/index.d.ts");
    expect(packed.files.filter((path) => !isLibrary(path)).toSorted()).toEqual([
      "LICENSE",
      "README.ko.md",
      "README.md",
      "bin/baton.mjs",
      "dist/baton.mjs",
      "package.json",
    ]);
    expect(readdirSync(packed.modules).filter((name) => !name.startsWith("."))).toEqual(["baton"]);
  });

  it("hands out the client library, which needs nothing else either", async () => {
    const script = [
      'import { publish, subscribe } from "baton/client";',
      "console.log(typeof publish, typeof subscribe);",
    ].join("\n");
    const words = ["--input-type=module", "--eval", script];
    const ran = await execute(packed.node, words, { cwd: packed.folder });
    expect(ran).toMatchObject({ code: 0, out: "function function\n", err: "" });
  });

  it("takes --url and --key, the environment, or the file that login writes", async () => {
    const { appUrl, apiKey } = session;
    const none = await runPacked(["sources", "ls"]);
    expect(none).toMatchObject({ code: 2, out: "" });
    const listed = await runPacked([
      "sources",
      "ls",
      "--all",
      "--url",
      appUrl,
      "--key",
      apiKey,
      "--json",
    ]);
    expect(listed).toMatchObject({ code: 0, err: "" });
    expect(listed.out).toContain('"demo"');
    const env = { BATON_URL: appUrl, BATON_API_KEY: apiKey };
    expect(await runPacked(["events", "ls"], env)).toMatchObject({ code: 0, err: "" });

    const login = await runPacked(["login", "--url", appUrl], {}, apiKey);
    expect(login).toMatchObject({ code: 0, err: "" });
    expect(statSync(join(home, ".config/baton/config.json")).mode & 0o777).toBe(0o600);
    const sent = await runPacked(["send", "demo", "-d", "packed", "--wait", "--json"]);
    expect(sent).toMatchObject({ code: 0 });
    expect(JSON.parse(sent.out)).toMatchObject({ deliveries: [{ status: "succeeded" }] });
  });

  it("speaks both languages and ends with the documented codes", async () => {
    expect((await runPacked(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const korean = await runPacked(["sources", "--oops"], { LANG: "ko_KR.UTF-8" });
    expect(korean).toMatchObject({ code: 2, out: "" });
    expect(korean.err).toMatch(/^baton: 알 수 없는 옵션입니다: --oops\./);
  });
});
