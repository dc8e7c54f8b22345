import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { textsIn } from "../../src/cli/texts.ts";
import { waitFor } from "../support/wait-for.ts";
import { answerJson, baton, newFolder, serve } from "./support.ts";

const ID = `prt_${"0".repeat(26)}`;
const PORTAL = {
  id: ID,
  name: "shop",
  definition: "simulated",
  baseUrl: "https://shop.example.com",
  enabled: true,
  credentials: { username: "ow********", password: "********", phone: null, extra: {} },
};
const SLOT = {
  slot: "A",
  sessionId: "s1",
  state: "ready",
  readyAt: "2026-11-22T00:00:00.000Z",
  lastProbeAt: "2026-11-22T00:01:00.000Z",
  lastVerdict: "in",
};
const PAIR = {
  running: true,
  epoch: 3,
  primary: SLOT,
  backup: null,
  hold: null,
  mode: "pair",
  budget: { hour: 2, day: 5 },
};

type Made = { method: string; path: string; body: unknown };
type Answers = (made: Made) => [status: number, body?: unknown];

/** Stands where a deployment would; keeps what it was asked. */
async function deployment(answers: Answers) {
  const made: Made[] = [];
  const { url } = await serve((request, response) => {
    void bodyOf(request).then((text) => {
      const one = {
        method: request.method ?? "",
        path: (request.url ?? "").replace("/api/v1", ""),
        body: text === "" ? undefined : (JSON.parse(text) as unknown),
      };
      made.push(one);
      const [status, body] = answers(one);
      if (status === 204) response.writeHead(204).end();
      else answerJson(response, status, body);
    });
  });
  const env = { BATON_URL: url, BATON_API_KEY: "bt_key" };
  return { made, env };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const listed = (one: Made): [number, unknown] | undefined =>
  one.path.startsWith("/portals?") ? [200, { data: [PORTAL], nextCursor: null }] : undefined;

describe("evidence of a failed login", () => {
  const EVIDENCE = {
    id: "ev 1",
    at: "2026-11-22T00:00:00.000Z",
    reason: "captcha",
    text: "the site shows a captcha",
    url: "https://shop.example.com/login",
    steps: [
      { step: "goto /login", ms: 812, ok: true },
      { step: "fill #id", ms: 20_004, ok: false },
    ],
    screenshotUrl: "/api/v1/x",
  };
  const PICTURE = { jpeg: "as it came" };
  const answering = (evidence: object) =>
    deployment(
      (one) => listed(one) ?? [200, one.path.endsWith("/screenshot") ? PICTURE : evidence],
    );

  test("is shown with its steps, and its picture is written", async () => {
    const { made, env } = await answering(EVIDENCE);
    const file = `${newFolder()}/failed.jpg`;
    const shown = await baton(["portals", "evidence", "shop", "ev 1", "--screenshot", file], {
      env,
    });
    expect(shown.code).toBe(0);
    expect(shown.out).toMatch(
      /captcha \(the site shows a captcha\)\nhttps:\/\/shop\.example\.com\/login\n/,
    );
    expect(shown.out).toMatch(/STEP +MS +DONE\ngoto \/login +812 +true\nfill #id +20004 +false\n/);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(PICTURE);
    const path = `/portals/${ID}/session-pair/evidence/ev%201`;
    expect(made.slice(1).map((one) => one.path)).toEqual([path, `${path}/screenshot`]);
  });

  test("is one value as JSON, and says in Korean when there is no picture", async () => {
    const { env } = await answering({ ...EVIDENCE, screenshotUrl: null });
    const json = await baton(["portals", "evidence", ID, "ev 1", "--json"], { env });
    expect(JSON.parse(json.out)).toMatchObject({ reason: "captcha", screenshotUrl: null });
    const korean = await baton(["portals", "evidence", ID, "ev 1"], {
      env: { ...env, LANG: "ko_KR.UTF-8" },
    });
    expect(korean.out).toContain("화면이 없습니다");
  });

  test("is named by the status of a portal that waits for a person", async () => {
    const hold = { reason: "captcha", text: "t", since: "x", until: null, evidenceId: "ev-9" };
    const { env } = await deployment((one) => listed(one) ?? [200, { ...PAIR, hold }]);
    expect((await baton(["portals", "status", "shop"], { env })).out).toContain("evidence: ev-9");
  });
});

describe("portals", () => {
  test("are listed, made, changed and deleted, by id or name", async () => {
    const { made, env } = await deployment((one) => {
      if (one.method === "DELETE") return [204];
      return listed(one) ?? [one.method === "POST" ? 201 : 200, PORTAL];
    });
    const ls = await baton(["portals", "ls"], { env });
    expect(ls.out).toMatch(/prt_0+ +shop +simulated +https:\/\/shop\.example\.com +ow\*+ +true/);
    const words = ["--name", "shop", "--definition", "simulated", "--base-url", PORTAL.baseUrl];
    const create = ["portals", "create", ...words, "--on-deploy", "logout", "--default"];
    expect((await baton(create, { env })).code).toBe(0);
    await baton(["portals", "update", "shop", "--disable"], { env });
    expect((await baton(["portals", "rm", ID, "--yes"], { env })).code).toBe(0);
    expect(made.filter(({ method }) => method !== "GET")).toEqual([
      {
        method: "POST",
        path: "/portals",
        body: {
          name: "shop",
          definition: "simulated",
          baseUrl: PORTAL.baseUrl,
          onDeploy: "logout",
          isDefault: true,
        },
      },
      { method: "PATCH", path: `/portals/${ID}`, body: { enabled: false } },
      { method: "DELETE", path: `/portals/${ID}`, body: undefined },
    ]);
  });
});

describe("portals credentials", () => {
  const words = ["portals", "credentials", ID, "--username", "kim", "--phone", "010-1234-5678"];
  const account = { username: "kim", phone: "010-1234-5678" };
  const masked = { username: "********", password: "********", phone: "*******5678", extra: {} };
  const put = () => deployment(() => [200, masked]);

  test.each<[string, { stdin?: string; more?: Record<string, string> }, string]>([
    ["stdin", { stdin: "from stdin\n" }, "from stdin"],
    ["the environment", { more: { BATON_PORTAL_PASSWORD: "from env" } }, "from env"],
  ])("take the password from %s", async (_, { stdin, more }, password) => {
    const { made, env } = await put();
    const ran = await baton(words, { env: { ...env, ...more }, stdin });
    expect([ran.code, made]).toEqual([
      0,
      [{ method: "PUT", path: `/portals/${ID}/credentials`, body: { ...account, password } }],
    ]);
    expect(ran.out + ran.err).not.toContain(password);
  });

  test("ask a person for it, and show nothing of what is typed", async () => {
    const { made, env } = await put();
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stdout = new PassThrough();
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
    let seen = "";
    for (const stream of [stdout, stderr]) stream.on("data", (chunk: Buffer) => (seen += chunk));
    const cwd = newFolder();
    const say = textsIn("en");
    const { signal } = new AbortController();
    const cli = { env: { ...env, HOME: cwd }, cwd, stdin, stdout, stderr, say, signal };
    const ended = run(cli, words);
    await waitFor(() => seen.includes("Password: "), { what: "the question" });
    stdin.write("typed-secret\r");
    expect(await ended).toBe(0);
    expect(made).toMatchObject([{ body: { password: "typed-secret" } }]);
    expect(seen).not.toContain("typed-secret");
  });

  test("may come whole in a file, with further fields", async () => {
    const { made, env } = await put();
    const whole = { ...account, password: "p", extra: { branch: "12" } };
    const data = ["portals", "credentials", ID, "--data", "-"];
    await baton(data, { env, stdin: JSON.stringify(whole) });
    expect(made).toMatchObject([{ body: whole }]);
  });

  test("have no option for a password, and none is sent without one", async () => {
    const { made, env } = await put();
    expect((await baton([...words, "--password", "x"], { env })).code).toBe(2);
    const empty = await baton(words, { env, stdin: "" });
    expect([empty.code, empty.err]).toEqual([2, expect.stringContaining("BATON_PORTAL_PASSWORD")]);
    expect((await baton(words.slice(0, 3), { env, stdin: "x" })).code).toBe(2);
    expect(made).toEqual([]);
  });

  test("can be forgotten", async () => {
    const { made, env } = await deployment(() => [204]);
    expect((await baton(["portals", "credentials", ID, "--rm"], { env })).code).toBe(0);
    expect(made).toMatchObject([{ method: "DELETE", path: `/portals/${ID}/credentials` }]);
  });
});

describe("a portal's sessions", () => {
  const HELD = {
    ...PAIR,
    primary: null,
    hold: {
      reason: "captcha",
      text: "the site shows a captcha",
      since: "2026-11-22T00:00:00.000Z",
      until: null,
      evidenceId: "e1",
    },
  };

  test.each([
    ["en", /runs, epoch 3\n.*2 this hour, 5 this day\nROLE.*\nprimary +A +ready .*in/s],
    ["ko", /동작 중, epoch 3\n.*\n역할.*\n주 +A +ready /s],
  ])("are shown in %s", async (language, expected) => {
    const { env } = await deployment(() => [200, PAIR]);
    const ran = await baton(["portals", "status", ID], { env: { ...env, BATON_LANG: language } });
    expect([ran.code, ran.out]).toEqual([0, expect.stringMatching(expected)]);
  });

  test("that wait for a person say why", async () => {
    const { env } = await deployment(() => [200, HELD]);
    const { out } = await baton(["portals", "status", ID], { env });
    expect(out).toContain("held: captcha (the site shows a captcha), until baton portals resume");
  });

  test.each(["start", "stop", "failover", "resume"])("%s", async (verb) => {
    const { made, env } = await deployment((one) => listed(one) ?? [200, PAIR]);
    const ran = await baton(["portals", verb, "shop", "--json"], { env });
    expect(JSON.parse(ran.out)).toEqual(PAIR);
    expect(made.at(-1)).toMatchObject({
      method: "POST",
      path: `/portals/${ID}/session-pair/${verb}`,
    });
  });

  test("--watch prints each change once, until Ctrl-C", async () => {
    const states = [PAIR, PAIR, HELD];
    const stop = new AbortController();
    let asked = 0;
    const { env } = await deployment(() => {
      const state = states[asked++];
      if (!state) stop.abort();
      return [200, state ?? HELD];
    });
    const ran = await baton(["portals", "status", ID, "--watch"], { env, signal: stop.signal });
    expect(ran.code).toBe(130);
    const lines = ran.out.trimEnd().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d {2}runs, epoch 3 · primary A ready · backup none/),
      expect.stringMatching(/primary none .*held: captcha/),
    ]);
  });

  test("audit is a list in pages", async () => {
    const entry = (id: number) => ({
      id,
      at: "2026-11-22",
      what: "failover",
      slot: "A",
      fields: {},
    });
    const { made, env } = await deployment(({ path }) =>
      path.includes("cursor")
        ? [200, { data: [entry(1)], nextCursor: null }]
        : [200, { data: [entry(2)], nextCursor: "next" }],
    );
    const { out } = await baton(["portals", "audit", ID, "--all", "--json"], { env });
    expect((JSON.parse(out) as { id: number }[]).map(({ id }) => id)).toEqual([2, 1]);
    expect(made[0]?.path).toMatch(new RegExp(`^/portals/${ID}/session-pair/audit\\?`));
  });
});

describe("portals request", () => {
  const answer = (more: object) => ({
    status: 200,
    headers: {},
    servedBy: { slot: "B", epoch: 4 },
    ...more,
  });

  test("prints the body alone, and who answered beside it", async () => {
    const { made, env } = await deployment(() => [200, answer({ body: '{"partners":[]}' })]);
    const words = ["portals", "request", ID, "/partners", "-d", "x", "-H", "x-a: 1", "--wait", "5"];
    const ran = await baton([...words, "--idempotency-key", "k"], { env });
    expect(ran).toEqual({
      code: 0,
      out: '{"partners":[]}\n',
      err: "200, by session B (epoch 4)\n",
    });
    expect(made[0]).toEqual({
      method: "POST",
      path: `/portals/${ID}/request`,
      body: {
        method: "POST",
        path: "/partners",
        headers: { "x-a": "1" },
        bodyBase64: "eA==",
        waitMs: 5_000,
        idempotencyKey: "k",
      },
    });
  });

  test("takes a whole URL, and bytes are not for terminals", async () => {
    const { made, env } = await deployment(() => [200, answer({ bodyBase64: "/wA=" })]);
    const words = ["portals", "request", ID, "https://shop.example.com/logo"];
    const shown = await baton(words, { env, terminals: { stdout: true } });
    expect([shown.code, shown.out]).toEqual([2, ""]);
    expect(made[0]?.body).toEqual({ method: "GET", url: "https://shop.example.com/logo" });
  });

  test("says why there is no session, and that it may be tried later", async () => {
    const problem = { title: "Unavailable", status: 503, detail: "No answer of the site: …" };
    const { env } = await deployment(() => [503, problem]);
    const ran = await baton(["portals", "request", ID, "/"], { env });
    expect([ran.code, ran.err]).toEqual([3, expect.stringContaining("No answer of the site")]);
  });
});

describe("portals definitions", () => {
  const stored = { name: "shop", shipped: false, definition: { origins: ["{base}"] } };

  test("are listed, shown as they can be put again, put and deleted", async () => {
    const { made, env } = await deployment(({ method, path }) => {
      if (method === "DELETE") return [204];
      const all = { data: [stored], nextCursor: null };
      return [200, path.startsWith("/portal-definitions?") ? all : stored];
    });
    const words = (...more: string[]) => baton(["portals", "definitions", ...more], { env });
    expect((await words("ls")).out).toMatch(/shop +false/);
    expect(JSON.parse((await words("get", "shop")).out)).toEqual(stored.definition);
    await words("put", "shop", JSON.stringify(stored.definition));
    expect(made.at(-1)).toEqual({
      method: "PUT",
      path: "/portal-definitions/shop",
      body: stored.definition,
    });
    expect((await words("rm", "shop", "--yes")).code).toBe(0);
    const count = made.length;
    expect((await words("rm", "../portals", "--yes")).code).toBe(2);
    expect(made).toHaveLength(count);
  });
});
