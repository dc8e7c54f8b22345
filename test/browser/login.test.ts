import puppeteer from "@cloudflare/puppeteer";
import { expect, it } from "vitest";
import { createLoginBrowser, type LoginOutcome } from "../../src/portal-browser/index.ts";
import {
  CREDENTIALS,
  env,
  hits,
  killBrowser,
  loginInput,
  OTHER,
  PASSWORD,
  phases,
  SITE,
} from "./login-support.ts";

const CODE = "024561";
const login = createLoginBrowser(env.BROWSER);

async function openBrowsers(): Promise<string[]> {
  return (await puppeteer.sessions(env.BROWSER)).map(({ sessionId }) => sessionId);
}

/** A browser that was told to close takes a moment. */
async function expectClosed(id: string): Promise<void> {
  await expect.poll(openBrowsers, { timeout: 5_000 }).not.toContain(id);
}

function expectIn(outcome: LoginOutcome) {
  if (outcome.kind !== "in") throw new Error(JSON.stringify(outcome, null, 1).slice(0, 2_000));
  return outcome.snapshot;
}

function expectId(outcome: LoginOutcome): string {
  if (!("browserId" in outcome)) throw new Error(JSON.stringify(outcome).slice(0, 2_000));
  return outcome.browserId;
}

it("a login without a code gives the session, tells each phase first, and closes the browser", async () => {
  const told = phases();
  const outcome = await login.begin(loginInput("plain"), told.on);
  const snapshot = expectIn(outcome);
  expect(told.seen).toEqual(["opened", "credentials", "verifying"]);
  expect(snapshot.cookies).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: "sid", value: "s-1", httpOnly: true, expires: null }),
      expect.objectContaining({ name: "lasting", sameSite: "Lax", expires: expect.any(Number) }),
    ]),
  );
  expect(snapshot.storage).toEqual([
    {
      origin: SITE,
      local: [["token", "local-127.0.0.1"]],
      session: [["tab", "session-127.0.0.1"]],
    },
  ]);
  expect(snapshot.userAgent).toContain("Chrome");
  await expectClosed(told.id());
  expect(outcome.steps.map(({ step, ok }) => [step, ok])).toEqual([
    ["launch", true],
    [`goto ${SITE}/plain/login`, true],
    ["fill #username", true],
    ["fill #password", true],
    ["click #submit", true],
    ["classify", true],
    ["snapshot", true],
  ]);
});

it("a login with a code lets the browser go, and another object goes on by its id", async () => {
  const input = loginInput("sms");
  const asked = await login.begin(input, phases().on);
  expect(asked.kind).toBe("code_asked");
  const id = expectId(asked);
  expect(await openBrowsers()).toContain(id);

  const other = createLoginBrowser(env.BROWSER);
  const told = phases();
  const snapshot = expectIn(await other.submitCode(input, id, CODE, told.on));
  expect(told.seen).toEqual(["code", "verifying"]);
  expect(snapshot.cookies.map(({ name }) => name).toSorted()).toEqual(["device", "junk", "sid"]);
  await expectClosed(id);
  expect(other.takeBrowserMs()).toBeGreaterThan(0);

  // The device is known now: only its own cookie comes along, and no code is asked for.
  expectIn(await login.begin({ ...input, device: snapshot }, phases().on));
  const fresh = { ...snapshot, cookies: snapshot.cookies.filter(({ name }) => name !== "device") };
  const again = await login.begin({ ...input, device: fresh }, phases().on);
  expect(again.kind).toBe("code_asked");
  await login.discard(expectId(again));
});

it("a wrong code keeps the form, and the next one is judged by its own answer", async () => {
  const input = loginInput("sms");
  const id = expectId(await login.begin(input, phases().on));
  expect((await login.submitCode(input, id, "111111", phases().on)).kind).toBe("code_rejected");
  expect((await login.submitCode(input, id, "222222", phases().on)).kind).toBe("code_rejected");
  expectIn(await login.submitCode(input, id, CODE, phases().on));
});

it("resend asks the site once more, and the form stays open", async () => {
  const input = loginInput("sms");
  const id = expectId(await login.begin(input, phases().on));
  const before = (await hits()).filter((hit) => hit.endsWith("/sms/again")).length;
  const outcome = await login.resend(input, id);
  expect(outcome.kind).toBe("code_asked");
  expect((await hits()).filter((hit) => hit.endsWith("/sms/again"))).toHaveLength(before + 1);
  expectIn(await login.submitCode(input, id, CODE, phases().on));
});

it("look says where a login stands whose Worker was stopped", async () => {
  const input = loginInput("sms");
  const id = expectId(await login.begin(input, phases().on));
  expect((await login.look(input, id)).kind).toBe("code_asked");

  // As if the Worker had been stopped after the code.
  const browser = await puppeteer.connect(env.BROWSER, id);
  const [page] = await browser.pages();
  await page?.type("#code", CODE);
  await page?.click("#confirm");
  await page?.waitForSelector("#home");
  await browser.disconnect();
  expectIn(await login.look(input, id));
  expect(await login.look(input, id)).toMatchObject({ kind: "failed", reason: "browser_died" });
});

it("look at a page that shows neither is `interrupted`, and closes it", async () => {
  const browser = await puppeteer.launch(env.BROWSER);
  const [page] = await browser.pages();
  await page?.goto(`${SITE}/plain/login`);
  await browser.disconnect();
  const outcome = await login.look(loginInput("plain"), browser.sessionId());
  expect(outcome).toMatchObject({ kind: "failed", reason: "interrupted" });
  await expectClosed(browser.sessionId());
});

it("a browser that is killed while it waits is `browser_died`, and discarding it is no error", async () => {
  const input = loginInput("sms");
  const id = expectId(await login.begin(input, phases().on));
  expect(await killBrowser(id)).toBe(1);
  expect(await login.submitCode(input, id, CODE, phases().on)).toMatchObject({
    kind: "failed",
    reason: "browser_died",
    screenshot: null,
  });
  await login.discard(id);
});

it("a browser that cannot be entered is closed all the same", async () => {
  const input = loginInput("sms");
  const id = expectId(await login.begin(input, phases().on));
  let refused = false;
  const flaky = {
    fetch: (...given: Parameters<typeof env.BROWSER.fetch>) => {
      const isFirst = JSON.stringify(given[0]).includes("/devtools/browser/") && !refused;
      if (isFirst) refused = true;
      return isFirst
        ? Promise.resolve(new Response("busy", { status: 500 }))
        : env.BROWSER.fetch(...given);
    },
  };
  const outcome = await createLoginBrowser(flaky as never).submitCode(input, id, CODE, phases().on);
  expect(refused).toBe(true);
  expect(outcome).toMatchObject({ kind: "failed", reason: "browser_died" });
  await expectClosed(id);
});

it("a browser that is killed in the middle of a login is `browser_died`", async () => {
  const input = loginInput("plain");
  let killed = 0;
  const outcome = await login.begin(input, async (phase, id) => {
    if (phase === "credentials") killed += await killBrowser(id);
  });
  expect(killed).toBe(1);
  expect(outcome).toMatchObject({ kind: "failed", reason: "browser_died" });
});

it("what a phase throws stops the login and closes the browser", async () => {
  const told = phases();
  const error = new Error("the fence is stale");
  await expect(
    login.begin(loginInput("plain"), async (phase, id) => {
      await told.on(phase, id);
      if (phase === "credentials") throw error;
    }),
  ).rejects.toBe(error);
  await expectClosed(told.id());
});

it("no browser is `browser_unavailable`, also when there is no room", async () => {
  const full = { fetch: async () => new Response("rate limit exceeded", { status: 429 }) };
  const outcome = await createLoginBrowser(full as never).begin(loginInput("plain"), phases().on);
  expect(outcome).toMatchObject({ kind: "failed", reason: "browser_unavailable", url: "" });
});

// What the site does → the reason of the closed list.
it.each([
  ["captcha", "captcha"],
  ["locked", "account_locked"],
  ["refused", "login_refused"],
  ["alert", "wrong_password"],
  ["changed", "form_changed"],
  ["silent", "page_hung"],
  ["hangs", "page_hung"],
  ["never", "page_hung"],
  ["odd", "not_logged_in"],
  ["busy", "site_busy"],
  ["busy-later", "site_busy"],
  ["down", "site_unavailable"],
  ["down-later", "site_unavailable"],
  ["cut", "site_unavailable"],
  ["script", "site_unavailable"],
  ["leaves", "origin_left"],
  ["leaves-by-script", "origin_left"],
  ["large", "snapshot_too_large"],
] as const)("a page that is %s ends as `%s`", async (mode, reason) => {
  const told = phases();
  const outcome = await login.begin(loginInput(mode), told.on);
  expect(outcome).toMatchObject({ kind: "failed", reason });
  expect(JSON.stringify(outcome)).not.toContain(PASSWORD);
  await expectClosed(told.id());
});

it("a wrong password is refused; credentials that a step needs and are not set are missing", async () => {
  const input = loginInput("plain");
  const wrong = { ...input, credentials: { ...CREDENTIALS, password: "other" } };
  expect(await login.begin(wrong, phases().on)).toMatchObject({ reason: "wrong_password" });
  const noSite = loginInput("plain", { origins: [OTHER] });
  expect(await login.begin(noSite, phases().on)).toMatchObject({ reason: "origin_left" });
  const extra = loginInput("plain", {
    login: { steps: [{ do: "fill", selector: "#a", value: "{extra.shop}" }] },
  });
  expect(await login.begin(extra, phases().on)).toMatchObject({ reason: "credentials_missing" });
});

it("a site that nobody answers for is unavailable; one that never takes the code hangs", async () => {
  const gone = loginInput("plain", {
    origins: ["http://127.0.0.1:9"],
    login: { steps: [{ do: "goto", url: "http://127.0.0.1:9/" }] },
  });
  expect(await login.begin(gone, phases().on)).toMatchObject({ reason: "site_unavailable" });
  const slow = loginInput("slow-code");
  const id = expectId(await login.begin(slow, phases().on));
  expect(await login.submitCode(slow, id, CODE, phases().on)).toMatchObject({
    reason: "page_hung",
  });
});

it("values come from the session; one that is not there is `value_missing`", async () => {
  const values = {
    centre: { from: "element", selector: "#home", attribute: "data-center" },
    token: { from: "localStorage", name: "token" },
    tab: { from: "sessionStorage", name: "tab" },
    sid: { from: "cookie", name: "sid" },
  };
  const found = expectIn(await login.begin(loginInput("plain", { values }), phases().on));
  expect(found.values).toEqual({
    centre: "center-7",
    token: "local-127.0.0.1",
    tab: "session-127.0.0.1",
    sid: "s-1",
  });
  const missing = { ...values, more: { from: "cookie", name: "nowhere" } };
  expect(await login.begin(loginInput("plain", { values: missing }), phases().on)).toMatchObject({
    reason: "value_missing",
  });
});

it("the storage of two origins is kept, and none of it is loaded for that", async () => {
  const input = loginInput("sso", { origins: [SITE, OTHER] });
  const before = (await hits()).length;
  const snapshot = expectIn(await login.begin(input, phases().on));
  expect(snapshot.storage).toEqual([
    {
      origin: SITE,
      local: [["token", "local-127.0.0.1"]],
      session: [["tab", "session-127.0.0.1"]],
    },
    {
      origin: OTHER,
      local: [["token", "local-localhost"]],
      session: [["tab", "session-localhost"]],
    },
  ]);
  // Other files' browsers ask the same site.
  const asked = (await hits()).slice(before).filter((hit) => hit.includes("/sso/"));
  expect(asked.map((hit) => hit.split(" ")[1]?.replace(/\?.*/, ""))).toEqual([
    `${SITE}/sso/login`,
    `${SITE}/sso/login`,
    `${OTHER}/sso/sso`,
    `${SITE}/sso/home`,
  ]);
});

it("nothing that a page loads, opens or connects to leads where nobody may call", async () => {
  const before = (await hits()).length;
  const guarded = createLoginBrowser(env.BROWSER, async (url) => url.startsWith(OTHER));
  expectIn(await guarded.begin(loginInput("reaching"), phases().on));
  const asked = (await hits()).slice(before);
  expect(asked.filter((hit) => hit.includes("/reached/"))).toEqual([]);
  // Its own socket is not held up, and nothing is where nothing is barred.
  expect(asked).toContain(`GET ${SITE}/own/socket`);
  expectIn(await login.begin(loginInput("reaching"), phases().on));
  const open = (await hits()).slice(before + asked.length);
  for (const name of ["image", "inner", "worker", "fetch", "beacon", "pop-up"]) {
    expect(open.map((hit) => hit.split(" ")[1])).toContain(`${OTHER}/reached/${name}`);
  }
});

it("documents that nobody may see are not asked for, in no frame and from no page", async () => {
  const asked: string[] = [];
  const guarded = createLoginBrowser(env.BROWSER, async (url) => {
    asked.push(url);
    return url.startsWith(OTHER);
  });
  const framed = await guarded.begin(loginInput("framed"), phases().on);
  expectIn(framed);
  expect(asked).toContain(`${OTHER}/framed/who`);
  expect(await hits()).not.toContain(`GET ${OTHER}/framed/who`);

  const all = createLoginBrowser(env.BROWSER, async () => true);
  expect(await all.begin(loginInput("plain"), phases().on)).toMatchObject({
    reason: "site_unavailable",
  });
});

it("a selector that no browser can read ends the login for good, and hides nothing else", async () => {
  const broken = "div[";
  const steps = [
    { do: "goto", url: `${SITE}/plain/login` },
    { do: "click", selector: broken },
  ];
  const stuck = await login.begin(loginInput("plain", { login: { steps } }), phases().on);
  expect(stuck).toMatchObject({ kind: "failed", reason: "form_changed" });
  const refusals = [{ when: { selector: broken }, reason: "captcha" }];
  expectIn(await login.begin(loginInput("plain", { login: { refusals } }), phases().on));
  const success = { selector: broken };
  const lost = await login.begin(loginInput("plain", { login: { success } }), phases().on);
  expect(lost).toMatchObject({ kind: "failed", reason: "not_logged_in" });
});

it("optional steps do what they can and hold nothing up; answers may come before their step", async () => {
  const input = loginInput("banner");
  const [goto, ...rest] = input.definition.login.steps;
  const optional = { do: "click", optional: true, timeoutMs: 1_000 } as const;
  const steps = [
    goto,
    { ...optional, selector: "#nowhere" },
    { ...optional, selector: "#close" },
    ...rest,
    { do: "waitForResponse", url: "/banner/login", status: 303 },
    { do: "waitForUrl", url: `${SITE}/*/home` },
    { do: "waitForSelector", selector: "#home" },
  ];
  const outcome = await login.begin(loginInput("banner", { login: { steps } }), phases().on);
  expectIn(outcome);
  expect(outcome.steps.filter(({ ok }) => !ok).map(({ step }) => step)).toEqual(["click #nowhere"]);
});
