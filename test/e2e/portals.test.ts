import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BACKUP_DELAY_MS, FRESH_EVIDENCE_MS } from "../../src/session-pairs/constants.ts";
import { type PortalSite, type SettingsPatch, startPortalSite } from "../portal-site/index.ts";
import { startReceiver } from "../support/receiver.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { filesBelow, found } from "./find-secrets.ts";
import {
  type Account,
  newAccount,
  openSite,
  partnersThrough,
  portalAt,
  makePortal as portalIn,
  putDefinition,
  SOUND,
  type TestPortal,
} from "./portal-support.ts";
import { withSecondOrganization } from "./second-organization.ts";
import { call } from "./support.ts";

/*
 * Session pairs in a real local session: real Chromium, real Workers, and the simulated portal as a web site of its own.
 * Each scenario has a portal and a site; all begin to log in at once, so that the tests, one after the other, wait for
 * what has mostly happened by then. What counts is what the site itself has seen.
 */

const mark = (name: string) => `canary${name}${crypto.randomUUID().replaceAll("-", "")}`;
const SECRETS = { USERNAME: mark("username"), PASSWORD: mark("password"), EXTRA: mark("extra") };
const MAIN: Account = {
  username: SECRETS.USERNAME,
  password: SECRETS.PASSWORD,
  phone: "010-5555-0199",
  extra: { branch: SECRETS.EXTRA },
};
/** Typed where the site expects another one. */
const WRONG = mark("wrong");
/** How the site's ids look: of sessions, of logins, of forms, of devices. */
const SITE_SECRET = /\b[sltd][0-9a-z]{1,6}-[0-9a-f]{16}\b/;

type Scenario = { portal: TestPortal; site: PortalSite; account: Account };

let session: TestSession;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let otherKey: string;
const sites: PortalSite[] = [];
/** Every answer of the API, by its call. */
const answers: [string, string][] = [];
const printed: string[] = [];

let main: Scenario;
let desk: Scenario;
let orders: Scenario;
let page: Scenario;
let lost: Scenario;
let wrong: Scenario;
let captcha: Scenario;
let locked: Scenario;
let changed: Scenario;

function recorded(given: TestSession): TestSession {
  return {
    ...given,
    async api(path, init = {}) {
      const response = await given.api(path, init);
      const text = await response.clone().text();
      answers.push([`${init.method ?? "GET"} ${path}`, text]);
      return response;
    },
  };
}

type Wish = {
  settings?: SettingsPatch;
  definition?: string;
  typed?: Partial<Account>;
  onDeploy?: "keep" | "logout";
  isDefault?: boolean;
};

/** A site with an account, and the portal that logs in to it. */
async function openScenario(name: string, wish: Wish = {}): Promise<Scenario> {
  const { settings = {}, definition = "several", typed = {}, ...more } = wish;
  const account = newAccount(name);
  const site = await openSite(session, [account], settings);
  sites.push(site);
  const portal = await portalIn(session, {
    name,
    definition,
    site,
    account: { ...account, ...typed },
    ...more,
  });
  return { portal, site, account };
}

/** A site whose SMS nobody forwards but the test. */
async function openMain(): Promise<Scenario> {
  // Its cookies change all the time: answers bring them, and no caller sees them.
  const site = await startPortalSite({
    accounts: [MAIN],
    settings: { session: { rotateSeconds: 5 } },
  });
  sites.push(site);
  const wish = { name: "main", definition: "several", site, account: MAIN };
  return { portal: await portalIn(session, wish), site, account: MAIN };
}

beforeAll(async () => {
  const { state, key } = await withSecondOrganization();
  otherKey = key;
  const env = {
    BATON_STATE: state,
    BATON_TICK_MS: "2000",
    // Whose SMS come without a sender's key.
    BATON_VAR_PORTAL_PHONE: MAIN.phone,
  };
  session = recorded(await startSession({ env }));
  receiver = await startReceiver();
  const destination = await call<{ id: string }>(session, 201, "POST", "/destinations", {
    name: "people",
    kind: "http",
    config: { url: `${receiver.url}/alerts` },
  });
  await call(session, 200, "PUT", "/alerts", { destinationId: destination.id });
  await putDefinition(session, "several");
  await putDefinition(session, "in-page", { transport: "page" });

  lost = await openScenario("lost", { settings: { sms: { next: [{ lost: true }] } } });
  main = await openMain();
  desk = await openScenario("desk", { onDeploy: "logout", isDefault: true });
  [wrong, captcha, locked, changed] = await Promise.all([
    openScenario("wrong", { typed: { password: WRONG } }),
    openScenario("captcha", { settings: { login: { captcha: true } } }),
    openScenario("locked", { settings: { login: { lockAfter: 1 } }, typed: { password: WRONG } }),
    openScenario("changed", { settings: { login: { form: "changed" } } }),
  ]);
  orders = await openScenario("orders");
  page = await openScenario("page", { definition: "in-page" });
});

afterAll(async () => {
  await Promise.all([...sites, ...(receiver ? [receiver] : [])].map((each) => each.close()));
});

const origin = () => `http://127.0.0.1:${session.env.BATON_PORT}`;

it("logs in with a real browser and the code that its own webhook receives, from nothing but the code", async () => {
  const sms = await waitFor(() => main.site.takeArrived()[0], {
    what: "the site's SMS",
    deadlineMs: 60_000,
    explain: session.output,
  });
  expect(sms.code).toMatch(/^\d{6}$/);
  // A phone's macro sends exactly this, and nothing that says where it came from.
  const forwarded = await fetch(`${origin()}/webhook/sms`, {
    method: "POST",
    body: `{"message":"${sms.code}"}`,
  });
  expect([forwarded.status, await forwarded.json()]).toMatchObject([200, { ok: true }]);
  const { primary, epoch } = await main.portal.primaryReady();
  // From now on its phone is a program.
  main.site.set({ sms: { app: origin() } });
  expect(await partnersThrough(main.portal)).toEqual({ slot: primary?.slot, epoch });
  expect(main.site.counts).toMatchObject({ ...SOUND, logins: 1, codesUsed: 1, codesSent: 1 });
});

describe("a login that needs a person stops at once, and says why", () => {
  type Held = { reason: string; state: string; url: string };

  /** The hold, its evidence, and the picture: of no other reason than this. */
  async function expectHeld({ portal, site }: Scenario, { reason, state, url }: Held) {
    const { hold, primary, backup } = await portal.held();
    expect([hold?.reason, hold?.until]).toEqual([reason, null]);
    const audit = await portal.audit();
    const last = audit.find(({ what }) => what === "held");
    expect(last?.fields).toMatchObject({ reason, evidenceId: hold?.evidenceId });
    expect([primary, backup].map((slot) => slot?.state)).toContain(state);
    const path = `/portals/${portal.id}/session-pair/evidence/${hold?.evidenceId}`;
    type Evidence = { reason: string; url: string; screenshotUrl: string; steps: { ms: number }[] };
    const evidence = await call<Evidence>(session, 200, "GET", path);
    expect(evidence).toMatchObject({ reason, url: `${site.url}${url}` });
    expect(evidence.steps.length).toBeGreaterThan(1);
    expect(evidence.screenshotUrl).toBe(`/api/v1${path}/screenshot`);
    const picture = await session.api(`${path}/screenshot`);
    expect(picture.headers.get("content-type")).toBe("image/jpeg");
    const bytes = new Uint8Array(await picture.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    const answer = await session.api(`/portals/${portal.id}/request`, {
      method: "POST",
      body: JSON.stringify({ method: "GET", path: "/api/partners" }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([503, { reason, sent: false }]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    return last;
  }

  it("a wrong password: one try, an alert, and on with the right one", async () => {
    const held = { reason: "wrong_password", state: "needs_human", url: "/login" };
    await expectHeld(wrong, held);
    expect(wrong.site.counts).toMatchObject({ passwordsWrong: 1, passwordsRight: 0 });
    const alert = await waitFor(
      () => receiver.received.find(({ body }) => body.includes(wrong.portal.id)),
      { what: "the alert", explain: session.output },
    );
    expect(alert.body).toContain("`wrong_password`");
    await wrong.portal.put("credentials", wrong.account);
    await wrong.portal.primaryReady();
    await partnersThrough(wrong.portal);
    expect(wrong.site.counts).toMatchObject({ ...SOUND, passwordsWrong: 1, logins: 1 });
    const audit = await wrong.portal.audit();
    expect(audit.map(({ what }) => what)).toContain("resumed");
  });

  it("a captcha: nobody logs in before `resume`", async () => {
    await expectHeld(captcha, { reason: "captcha", state: "needs_human", url: "/login" });
    captcha.site.set({ login: { captcha: false } });
    expect((await captcha.portal.status()).hold).not.toBeNull();
    expect(captcha.site.counts.passwordsRight).toBe(0);
    await captcha.portal.post("session-pair/resume");
    await captcha.portal.primaryReady();
    expect(captcha.site.counts).toMatchObject({ ...SOUND, logins: 1 });
  });

  it("a locked account: one try, whatever asks for another one", async () => {
    await expectHeld(locked, { reason: "account_locked", state: "locked", url: "/login" });
    await call(session, 202, "POST", `/portals/${locked.portal.id}/session-pair/start`);
    await call(session, 200, "POST", "/jobs/portals/run");
    expect((await locked.portal.status()).hold?.reason).toBe("account_locked");
    expect(locked.site.counts).toMatchObject({ lockouts: 1, passwordsWrong: 1 });
    const audit = await locked.portal.audit();
    expect(audit.filter(({ what }) => what === "login_started")).toHaveLength(1);
  });

  it("a form that has changed: nothing is typed", async () => {
    await expectHeld(changed, { reason: "form_changed", state: "needs_human", url: "/login" });
    expect(changed.site.counts).toMatchObject({ passwordsRight: 0, passwordsWrong: 0 });
  });
});

it("an unkeyed POST is never sent twice, a keyed one has one effect however often it is sent", async () => {
  const { portal, site } = orders;
  await portal.primaryReady();
  // An expired session is found out before what cannot be repeated is risked: where nobody has just seen it alive.
  await waitFor(
    async () => {
      const { primary } = await portal.status();
      return Date.now() - Date.parse(primary?.lastProbeAt ?? "") > FRESH_EVIDENCE_MS;
    },
    { what: "the last look at the session to be a while ago" },
  );
  site.expire();
  const first = await portal.request({ method: "POST", path: "/api/orders/zero/accept" });
  expect(first.status).toBe(200);
  expect(site.counts).toMatchObject({ ...SOUND, logins: 2, effects: 1 });

  // The order is accepted, the session ends with it, and the answer says that nobody is logged in.
  site.set({ orders: { effectThenOut: true } });
  const unkeyed = await portal.request({ method: "POST", path: "/api/orders/one/accept" });
  expect(unkeyed.status).toBe(401);
  expect(site.counts).toMatchObject({ effects: 2, replays: 0, doubledUnkeyed: 0 });

  const idempotencyKey = crypto.randomUUID();
  const keyed = await portal.request({
    method: "POST",
    path: "/api/orders/two/accept",
    idempotencyKey,
  });
  expect([keyed.status, JSON.parse(keyed.body ?? "")]).toEqual([
    200,
    { order: "two", status: "accepted", replayed: true },
  ]);
  expect(site.counts).toMatchObject({ ...SOUND, logins: 4, effects: 3, replays: 1 });
});

it("a request inside a page of the site", async () => {
  await page.portal.primaryReady();
  await partnersThrough(page.portal);
  const posted = await page.portal.request({
    method: "POST",
    path: "/api/orders/page/accept",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  expect(posted.status).toBe(200);
  expect(page.site.counts).toMatchObject({ ...SOUND, logins: 1, effects: 1 });
  page.site.expire();
  await partnersThrough(page.portal);
  expect(page.site.counts).toMatchObject({ ...SOUND, logins: 2, effects: 1 });
  expect(await page.portal.metrics()).toMatchObject({ requestsFailedByAuth: 0 });
});

it("another organization finds none of it", async () => {
  const { id } = main.portal;
  const pair = `/portals/${id}/session-pair`;
  const calls = [
    ["GET", `/portals/${id}`],
    ["DELETE", `/portals/${id}`],
    ["PATCH", `/portals/${id}`, { enabled: false }],
    ["PUT", `/portals/${id}/credentials`, MAIN],
    ["POST", `/portals/${id}/request`, { method: "GET", path: "/api/partners" }],
    ...["start", "stop", "failover", "resume"].map((verb) => ["POST", `${pair}/${verb}`]),
    ...["status", "active", "metrics", "audit", "evidence/x"].map((what) => [
      "GET",
      `${pair}/${what}`,
    ]),
    ["GET", "/portal-definitions/several"],
  ] as [string, string, unknown?][];
  const headers = { authorization: `Bearer ${otherKey}`, "content-type": "application/json" };
  for (const [method, path, body] of calls) {
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    const answer = await fetch(`${origin()}/api/v1${path}`, init);
    expect([method, path, answer.status]).toEqual([method, path, 404]);
    await answer.text();
  }
  const relay = await fetch(`${origin()}/relay/dual-session/status`, { headers });
  expect(relay.status).toBe(404);
  await relay.text();
});

async function relay(method: string, verb: string) {
  const answer = await fetch(`${origin()}/relay/dual-session/${verb}`, {
    method,
    headers: { authorization: `Bearer ${session.apiKey}` },
  });
  const text = await answer.text();
  answers.push([`${method} /relay/dual-session/${verb}`, text]);
  return { status: answer.status, json: JSON.parse(text) as Record<string, unknown> };
}

it("the relay: status, active, failover, stop and start", async () => {
  const { portal, site } = desk;
  await portal.bothReady();
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const sessionId = expect.stringMatching(/^ses_[0-9a-f]{32}$/);
  const ready = (slot: string) => ({
    slot,
    sessionId,
    state: "ready",
    readyAt: time,
    lastProbeAt: time,
    lastVerdict: "in",
  });
  const before = await relay("GET", "status");
  const pair = { running: true, epoch: 1, primary: ready("A"), backup: ready("B") };
  expect(before).toEqual({ status: 200, json: pair });
  const active = await relay("GET", "active");
  expect(active).toEqual({ status: 200, json: { sessionId, slot: "A", epoch: 1 } });
  const swapped = { running: true, epoch: 2, primary: ready("B"), backup: ready("A") };
  expect(await relay("POST", "failover")).toEqual({ status: 200, json: swapped });
  expect(await partnersThrough(portal)).toEqual({ slot: "B", epoch: 2 });
  const logins = site.counts.logins;

  const stopped = await relay("POST", "stop");
  expect([stopped.status, stopped.json.running]).toEqual([200, false]);
  expect(site.counts).toMatchObject({ ...SOUND, logins, logouts: 2 });
  expect(site.look().accounts).toMatchObject([{ sessions: 0 }]);
  const none = await relay("GET", "active");
  expect([none.status, none.json.reason]).toEqual([503, "stopped"]);
  expect((await relay("POST", "failover")).status).toBe(409);

  const started = await relay("POST", "start");
  expect([started.status, started.json.running]).toEqual([202, true]);
  expect((await relay("POST", "start")).status).toBe(202);
  const { primary } = await portal.primaryReady();
  expect((await relay("GET", "active")).json).toMatchObject({ sessionId: primary?.sessionId });
  expect(site.counts).toMatchObject({ ...SOUND, logins: logins + 1 });
}, 150_000);

it("a hundred requests find the primary expired: one flip, no failed request, at most one login", async () => {
  const { portal, site } = main;
  const { primary, backup, epoch } = await portal.bothReady();
  const before = { ...site.counts };
  expect(before).toMatchObject({ ...SOUND, logins: 2 });
  // The older one is the primary's.
  site.expire(MAIN.username, 1);
  const served = await Promise.all(Array.from({ length: 100 }, () => partnersThrough(portal)));
  expect(new Set(served.map((each) => JSON.stringify(each)))).toEqual(
    new Set([JSON.stringify({ slot: backup?.slot, epoch: epoch + 1 })]),
  );
  expect(site.counts.partnerLists - before.partnerLists).toBe(100);
  expect(site.counts.logins).toBe(before.logins);
  expect(await portal.metrics()).toMatchObject({ failovers: 1, requestsFailedByAuth: 0 });
  const flips = (await portal.audit()).filter(({ what }) => what === "promoted");
  expect(flips.map(({ slot }) => slot)).toEqual([primary?.slot, backup?.slot]);
}, 120_000);

it("an SMS that is lost: the site is asked once more, and the login goes on", async () => {
  await waitFor(async () => (await lost.portal.status()).primary?.state === "ready", {
    what: "the login to go on with the second SMS",
    deadlineMs: 120_000,
    everyMs: 500,
    explain: () => JSON.stringify(lost.site.record),
  });
  await partnersThrough(lost.portal);
  const { counts } = lost.site;
  expect(counts).toMatchObject({ ...SOUND, logins: 1, smsLost: 1, resends: 1, resendsRefused: 0 });
}, 150_000);

it("a new backup half a minute after the flip", async () => {
  const { portal, site } = main;
  const { primary, backup } = await portal.bothReady();
  expect(primary?.slot).not.toBe(backup?.slot);
  const audit = await portal.audit();
  const flip = audit.findLast(({ what }) => what === "promoted");
  const login = audit.findLast(({ what }) => what === "login_started");
  const pause = Date.parse(login?.at ?? "") - Date.parse(flip?.at ?? "");
  expect(pause).toBeGreaterThanOrEqual(BACKUP_DELAY_MS);
  expect(login).toMatchObject({ slot: backup?.slot, fields: { cause: "no_backup" } });
  expect(site.counts).toMatchObject({ ...SOUND, logins: 3, codesUsed: 3 });
  expect(await portal.metrics()).toMatchObject({
    logins: { in: 3 },
    claims: 3,
    claimConflicts: 0,
    requestsFailedByAuth: 0,
  });
}, 120_000);

it("a new start keeps sessions without a login, and logs those out whose portal wants it", async () => {
  const kept = await main.portal.status();
  await desk.portal.bothReady();
  await page.portal.bothReady();
  const before = { main: { ...main.site.counts }, desk: { ...desk.site.counts } };
  const { loginPages } = page.site.counts;
  printed.push(session.output());
  expect(await session.stop()).toBe(0);
  session = recorded(await startSession({ env: session.env }));
  for (const each of [main, desk, wrong, captcha, orders, page, lost]) {
    each.portal = portalAt(session, each.portal.id);
  }
  expect(await partnersThrough(main.portal)).toMatchObject({ epoch: kept.epoch });
  const deployed = async ({ portal }: Scenario) =>
    (await portal.audit()).find(({ what }) => what === "deployed");
  const noticed = await waitFor(() => deployed(main), { what: "the deploy to be noticed" });
  expect(noticed.fields).toMatchObject({ sessions: "kept" });
  // Its browser is gone: another one gets the session's cookies and storage.
  await partnersThrough(page.portal);
  const now = await main.portal.status();
  expect([now.primary?.sessionId, now.backup?.sessionId]).toEqual([
    kept.primary?.sessionId,
    kept.backup?.sessionId,
  ]);
  expect(main.site.counts.loginPages).toBe(before.main.loginPages);
  expect(page.site.counts.loginPages).toBe(loginPages);

  await waitFor(() => desk.site.counts.logins > before.desk.logins, {
    what: "a fresh login",
    deadlineMs: 60_000,
    explain: session.output,
  });
  await desk.portal.primaryReady();
  expect((await deployed(desk))?.fields).toMatchObject({ sessions: "logged_out" });
  expect(desk.site.counts.logouts - before.desk.logouts).toBe(2);
  expect(desk.site.counts).toMatchObject(SOUND);
  await partnersThrough(desk.portal);
  expect(main.site.counts.logins).toBe(before.main.logins);
}, 120_000);

describe("no password, no user name, no code and no cookie", () => {
  const secrets = () => ({ ...SECRETS, WRONG });
  /** Every code that any site has sent, as a word of its own. */
  const codesIn = (text: string) => {
    const codes = sites.flatMap((site) => [...site.codes]);
    return codes.filter((code) => new RegExp(`(?<![\\w.])${code}(?!\\w)`).test(text));
  };
  const leaksIn = (text: string) => [
    ...found(text, secrets()),
    ...(SITE_SECRET.exec(text) ?? []),
    ...codesIn(text),
  ];

  it("is in an answer of the API, or in an alert", async () => {
    // What is searched for is there to be found.
    const form = await fetch(`${main.site.url}/login`);
    expect(form.headers.get("set-cookie")).toMatch(SITE_SECRET);
    expect(leaksIn(`[${[...main.site.codes][0]}] ${MAIN.password}`)).toHaveLength(2);
    const paths = [
      "/portals",
      "/portal-definitions",
      "/events?limit=100",
      "/deliveries?limit=100",
      "/alerts",
      "/stats",
      ...[main, wrong, lost].flatMap(({ portal: { id } }) => [
        `/portals/${id}`,
        ...["status", "active", "metrics", "audit?limit=100"].map(
          (what) => `/portals/${id}/session-pair/${what}`,
        ),
      ]),
    ];
    for (const path of paths) await session.api(path);
    const listed = answers.find(([what]) => what === "GET /events?limit=100");
    expect(listed?.[1]).toContain("evt_");
    expect(answers.length).toBeGreaterThan(100);
    const leaks = [...answers, ...receiver.received.map(({ url, body }) => [url, body] as const)]
      .map(([what, text]) => [what, leaksIn(text)] as const)
      .filter(([, names]) => names.length > 0);
    expect(leaks).toEqual([]);
  });

  it("is in a file of the session, or in what it prints", async () => {
    await session.stop();
    printed.push(session.output());
    expect(printed.join("").length).toBeGreaterThan(0);
    expect(printed.flatMap(leaksIn)).toEqual([]);
    const files = filesBelow(session.state).map(
      (path) => [relative(session.state, path), readFileSync(path, "latin1")] as const,
    );
    const logs = files.filter(([path]) => path.startsWith("wrangler.log"));
    expect(logs.map(([, text]) => text).join("")).toContain("code_claimed");
    expect(logs.flatMap(([, text]) => leaksIn(text))).toEqual([]);
    const leaks = files.flatMap(([path, text]) =>
      found(text, secrets()).map((name) => `${name} in ${path}`),
    );
    expect(leaks).toEqual([]);
    expect(files.map(([path]) => path)).toContain("wrangler.log");
  });
});
