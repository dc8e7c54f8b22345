import { afterEach, describe, expect, it } from "vitest";
import {
  ACCOUNT,
  PARTNERS,
  type PortalSite,
  type SiteOptions,
  startPortalSite,
} from "../portal-site/index.ts";
import { openVisitor, type Visitor } from "../support/portal-visitor.ts";
import { waitFor } from "../support/wait-for.ts";
import { readBody, serve } from "./serve.ts";

const START = Date.UTC(2026, 0, 1);
const SECOND = 1_000;

const sites: PortalSite[] = [];
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
});

/** A site whose clock stands, and a visitor. */
async function open(options: SiteOptions = {}) {
  const site = await startPortalSite(options);
  sites.push(site);
  await site.setNow(START);
  return { site, visitor: openVisitor(site.url) };
}

/** The code that came last. */
function codeOf(site: PortalSite): string {
  return site.takeArrived().at(-1)?.code ?? "none";
}

async function logIn(site: PortalSite, visitor: Visitor): Promise<void> {
  await visitor.password();
  const entered = await visitor.code(codeOf(site));
  expect(entered.headers.get("location")).toBe("/partners");
}

describe("the way in", () => {
  it("is a password, a code by SMS, and then 58 partners on pages", async () => {
    const { site, visitor } = await open();
    expect((await visitor.get("/partners")).headers.get("location")).toBe("/login");
    expect((await visitor.password()).headers.get("location")).toBe("/login/code");
    const [sms] = site.takeArrived();
    expect(sms).toMatchObject({
      phone: ACCOUNT.phone,
      text: expect.stringContaining("인증번호 ["),
    });
    expect(sms?.code).toMatch(/^\d{6}$/);
    expect((await visitor.code(sms?.code ?? "")).headers.get("location")).toBe("/partners");

    const page = await visitor.get("/partners");
    expect(page.text).toContain('id="partner-list"');
    expect(page.text).toContain(`content="${visitor.cookies.get("center_id")}"`);
    const lists = await Promise.all(
      [1, 2, 3, 4].map(async (n) => (await visitor.get(`/api/partners?page=${n}`)).json),
    );
    const counted = lists.map((list) => [list?.partners].flat().length);
    expect(counted).toEqual([20, 20, 18, 0]);
    expect(lists[0]?.total).toBe(PARTNERS);
    expect((await visitor.get("/api/me")).json).toMatchObject({
      loggedIn: true,
      username: ACCOUNT.username,
    });
    expect(site.counts).toMatchObject({ logins: 1, codesSent: 1, codesUsed: 1, codesReused: 0 });
  });

  it("needs the page's token, a form, and this site's origin", async () => {
    const { visitor } = await open();
    await visitor.get("/login");
    const { username, password } = ACCOUNT;
    const body = new URLSearchParams({ username, password, _csrf: "guessed" });
    expect((await visitor.request("/login", { method: "POST", body })).status).toBe(403);
    const json = { method: "POST", body: JSON.stringify({ username, password }) };
    expect((await visitor.request("/login", json)).status).toBe(415);
    const foreign = { method: "POST", body, headers: { origin: "https://elsewhere.example" } };
    expect((await visitor.request("/login", foreign)).status).toBe(403);
    expect((await visitor.request("/login", { method: "DELETE" })).status).toBe(405);
  });

  it("is shut to a wrong password, and after five to the right one too", async () => {
    const { site, visitor } = await open();
    for (let i = 0; i < 4; i++) {
      expect((await visitor.password("wrong")).text).toContain("올바르지 않습니다");
    }
    expect((await visitor.password("wrong")).text).toContain('id="locked"');
    expect((await visitor.password()).text).toContain('id="locked"');
    expect(site.counts).toMatchObject({ passwordsWrong: 5, lockouts: 1, passwordsRight: 0 });
    site.unlock();
    expect((await visitor.password()).status).toBe(302);
  });

  it("is shut to an account that logs in too often, when the site is told so", async () => {
    const { site } = await open({ settings: { login: { lockOverPerHour: 2 } } });
    for (const expected of [302, 302, 200]) {
      expect((await openVisitor(site.url).password()).status).toBe(expected);
    }
    expect(site.counts.lockouts).toBe(1);
  });

  it.each([
    ["a captcha", { captcha: true }, 'id="captcha"'],
    ["words of its own", { refusal: "약관에 동의해 주세요." }, "약관에 동의해 주세요."],
  ])("may show %s", async (_, login, shown) => {
    const { site, visitor } = await open({ settings: { login } });
    expect((await visitor.password()).text).toContain(shown);
    expect(site.counts.codesSent).toBe(0);
  });

  it("may have another form, which does not know the former fields", async () => {
    const { visitor } = await open({ settings: { login: { form: "changed" } } });
    const page = await visitor.get("/login");
    expect(page.text).not.toContain('id="login-form"');
    expect((await visitor.password()).text).toContain("입력해 주세요");
    const { username: memberId, password: memberSecret } = ACCOUNT;
    const entered = await visitor.submit("/login", "/login", { memberId, memberSecret });
    expect(entered.headers.get("location")).toBe("/login/code");
  });

  it("may lead to another origin, need no code, or know a device", async () => {
    const { site, visitor } = await open({ settings: { login: { leadsTo: "http://x.example/" } } });
    expect((await visitor.password()).headers.get("location")).toBe("http://x.example/");
    site.set({ login: { leadsTo: null, code: false } });
    expect((await visitor.password()).headers.get("location")).toBe("/partners");
    await visitor.logout();

    site.set({ login: { code: true, trustDevices: true } });
    await logIn(site, visitor);
    await visitor.logout();
    expect((await visitor.password()).headers.get("location")).toBe("/partners");
    expect((await openVisitor(site.url).password()).headers.get("location")).toBe("/login/code");
  });
});

describe("a code", () => {
  it("is good once, and for three minutes", async () => {
    const { site, visitor } = await open();
    await visitor.password();
    const code = codeOf(site);
    await site.setNow(START + 180 * SECOND);
    expect((await visitor.code(code)).text).toContain("유효시간이 지났습니다");
    await visitor.resend();
    const fresh = codeOf(site);
    expect((await visitor.code(fresh)).status).toBe(302);

    const other = openVisitor(site.url);
    await other.password();
    expect((await other.code(fresh)).text).toContain("올바르지 않습니다");
    expect(site.counts).toMatchObject({ codesUsed: 1, codesExpired: 1, codesReused: 1 });
  });

  it("may be wrong twice; the third time ends the login", async () => {
    const { site, visitor } = await open();
    await visitor.password();
    const code = codeOf(site);
    const wrong = ["000001", "000002", "000003"].filter((typed) => typed !== code);
    for (const typed of wrong.slice(0, 2)) {
      expect((await visitor.code(typed)).text).toContain("올바르지 않습니다");
    }
    expect((await visitor.code("12345")).text).toContain("6자리");
    expect((await visitor.code(wrong[2] ?? "999999")).text).toContain('id="code-refused"');
    expect((await visitor.code(code)).headers.get("location")).toBe("/login");
  });

  it("is sent again once a minute at most, and the former one is void then", async () => {
    const { site, visitor } = await open();
    await visitor.password();
    const first = codeOf(site);
    await site.setNow(START + 59 * SECOND);
    expect((await visitor.resend()).status).toBe(429);
    await site.setNow(START + 60 * SECOND);
    expect((await visitor.resend()).status).toBe(302);
    const second = codeOf(site);
    expect((await visitor.code(first)).text).toContain("올바르지 않습니다");
    expect((await visitor.code(second)).status).toBe(302);
    expect(site.counts).toMatchObject({ resends: 1, resendsRefused: 1, codesSent: 2 });
  });

  it("shows when two logins of one phone run into each other", async () => {
    const accounts = [ACCOUNT, { ...ACCOUNT, username: "second" }];
    const { site, visitor } = await open({ accounts });
    await visitor.password();
    const first = codeOf(site);
    const other = openVisitor(site.url);
    await other.password(ACCOUNT.password, "second");
    // The first login is only left lying: that is no overlap yet.
    expect(site.counts).toMatchObject({ loginsBesideAnother: 1, overlappingLogins: 0 });
    await visitor.code(first);
    expect(site.counts.overlappingLogins).toBe(1);
  });
});

describe("an SMS", () => {
  it("is lost, late, doubled, or comes with an old one", async () => {
    const { site, visitor } = await open({
      settings: {
        sms: {
          next: [{ lost: true }, { delayMs: 5_000, copies: 2, copyDelayMs: 1_000, oldFirst: true }],
        },
      },
    });
    await visitor.password();
    expect(site.takeArrived()).toEqual([]);
    await site.setNow(START + 60 * SECOND);
    await visitor.resend();
    expect(site.nextSmsAt()).toBe(START + 65 * SECOND);
    await site.setNow(START + 64 * SECOND);
    expect(site.takeArrived()).toEqual([]);
    await site.setNow(START + 66 * SECOND);
    const [old, one, again] = site.takeArrived().map(({ code }) => code);
    expect(again).toBe(one);
    expect(old).not.toBe(one);
    expect(site.counts).toMatchObject({ codesSent: 2, smsLost: 1, smsArrived: 3 });
  });

  it.each([
    ["bare", "application/json", (code: string) => `{"message":"${code}"}`],
    [
      "labelled",
      "application/json",
      (code: string) =>
        `{"message":"[Web발신]\\n[파트너센터] 인증번호 [${code}]를 입력해 주세요.","from":"15440000"}`,
    ],
    [
      "macrodroid",
      "application/json",
      (code: string) =>
        `{"message":"[Web발신]\n[파트너센터] 인증번호 [${code}]를 입력해 주세요.","from":"15440000"}`,
    ],
    [
      "plain",
      "text/plain; charset=utf-8",
      (code: string) => `[Web발신]\n[파트너센터] 인증번호 [${code}]를 입력해 주세요.`,
    ],
    [
      "form",
      "application/x-www-form-urlencoded",
      (code: string) =>
        new URLSearchParams({
          text: `[Web발신]\n[파트너센터] 인증번호 [${code}]를 입력해 주세요.`,
          from: "15440000",
        }).toString(),
    ],
  ] as const)("is forwarded as %s, with the phone's key in its path", async (body, type, shape) => {
    const got: { url?: string; type?: string; text: string }[] = [];
    const baton = await serve((request, response) => {
      void readBody(request).then((bytes) => {
        got.push({
          url: request.url,
          type: request.headers["content-type"],
          text: bytes.toString("utf8"),
        });
        response.end("{}");
      });
    }, 0);
    const site = await startPortalSite({
      settings: { sms: { app: baton.origin, body, keys: { [ACCOUNT.phone]: "bts_key" } } },
    });
    sites.push(site);
    await openVisitor(site.url).password();
    await waitFor(() => got.length > 0, { what: "the SMS" });
    const [code = ""] = site.codes;
    expect(got).toEqual([{ url: "/webhook/sms/bts_key", type, text: shape(code) }]);
    site.set({ sms: { keys: {} } });
    site.sendSms("024561");
    await waitFor(() => got.length > 1, { what: "the stray SMS" });
    expect(got[1]?.url).toBe("/webhook/sms");
    await baton.close();
  });

  it("is tried again when Baton is away, if the forwarder does that", async () => {
    let calls = 0;
    const baton = await serve((_, response) => {
      calls += 1;
      response.writeHead(calls === 1 ? 503 : 200).end();
    }, 0);
    const site = await startPortalSite({
      settings: { sms: { app: baton.origin, tries: 3, retryMs: 1 } },
    });
    sites.push(site);
    site.sendSms("024561");
    await waitFor(() => site.record.some(({ what }) => what === "sms_forwarded"), {
      what: "the second try",
    });
    expect(calls).toBe(2);
    await baton.close();
  });
});

describe("a session", () => {
  it("ends a time after the login, or after the last request", async () => {
    const { site, visitor } = await open({ settings: { session: { lifeSeconds: 100 } } });
    await logIn(site, visitor);
    await site.setNow(START + 99 * SECOND);
    expect((await visitor.get("/api/me")).status).toBe(200);
    await site.setNow(START + 100 * SECOND);
    expect(await visitor.get("/api/me")).toMatchObject({
      status: 401,
      json: { code: "LOGIN_REQUIRED" },
    });

    site.set({ session: { lifeSeconds: null, idleSeconds: 100 } });
    await logIn(site, visitor);
    for (const at of [150, 240, 330]) {
      await site.setNow(START + at * SECOND);
      expect((await visitor.get("/api/me")).status).toBe(200);
    }
    await site.setNow(START + 430 * SECOND);
    expect((await visitor.get("/api/me")).status).toBe(401);
    expect(site.counts).toMatchObject({ expired: 2, unauthorised: 2 });
  });

  it("is the account's only one, where the site wants that", async () => {
    const { site, visitor } = await open();
    await logIn(site, visitor);
    const other = openVisitor(site.url);
    await logIn(site, other);
    expect((await visitor.get("/api/me")).status).toBe(200);
    site.set({ session: { onePerAccount: true } });
    await logIn(site, openVisitor(site.url));
    expect((await visitor.get("/api/me")).status).toBe(401);
    expect((await other.get("/api/me")).status).toBe(401);
    expect(site.counts.displaced).toBe(2);
  });

  it.each([
    ["401", 401, null, "LOGIN_REQUIRED"],
    ["redirect", 302, "/login", ""],
    ["form", 200, null, 'id="login-form"'],
  ] as const)("that is over is answered by %s", async (outAs, status, location, shown) => {
    const { visitor } = await open({ settings: { session: { outAs } } });
    const answer = await visitor.get("/api/me");
    expect(answer.status).toBe(status);
    expect(answer.headers.get("location")).toBe(location);
    expect(answer.text).toContain(shown);
  });

  it("changes its cookie, and takes the former one for ten seconds", async () => {
    const { site, visitor } = await open({ settings: { session: { rotateSeconds: 60 } } });
    await logIn(site, visitor);
    const former = visitor.cookies.get("PORTAL_SESSION") ?? "";
    await site.setNow(START + 60 * SECOND);
    await visitor.get("/api/me");
    const stale = openVisitor(site.url);
    expect(visitor.cookies.get("PORTAL_SESSION")).not.toBe(former);
    stale.cookies.set("PORTAL_SESSION", former);
    expect((await stale.get("/api/me")).status).toBe(200);
    await site.setNow(START + 70 * SECOND);
    expect((await stale.get("/api/me")).status).toBe(401);
    expect((await visitor.get("/api/me")).status).toBe(200);
  });

  it("has a cookie with an end, if the site gives it one", async () => {
    const { visitor } = await open({
      settings: { login: { code: false }, session: { cookieExpires: true, lifeSeconds: 600 } },
    });
    const [cookie] = (await visitor.password()).headers.getSetCookie();
    expect(cookie).toMatch(/^PORTAL_SESSION=.*; HttpOnly; Max-Age=600$/);
  });

  it("logs out with its own center id only", async () => {
    const { site, visitor } = await open();
    expect((await visitor.logout()).status).toBe(401);
    await logIn(site, visitor);
    expect((await visitor.logout("C-other")).status).toBe(400);
    expect((await visitor.request("/logout")).status).toBe(405);
    const session = visitor.cookies.get("PORTAL_SESSION") ?? "";
    expect((await visitor.logout()).json).toEqual({ ok: true });
    visitor.cookies.set("PORTAL_SESSION", session);
    expect((await visitor.get("/api/me")).status).toBe(401);
    expect(site.counts.logouts).toBe(1);
  });
});

describe("an order", () => {
  const accept = (visitor: Visitor, id: string, key?: string) =>
    visitor.request(`/api/orders/${id}/accept`, {
      method: "POST",
      headers: key === undefined ? {} : { "idempotency-key": key },
    });

  it("is accepted once: by its key as often as one likes, without one a second time never", async () => {
    const { site, visitor } = await open();
    expect((await accept(visitor, "o1", "k1")).status).toBe(401);
    await logIn(site, visitor);
    expect((await accept(visitor, "o1", "k1")).json).toMatchObject({ replayed: false });
    expect((await accept(visitor, "o1", "k1")).json).toMatchObject({ replayed: true });
    expect((await accept(visitor, "o1", "k2")).status).toBe(409);
    expect((await accept(visitor, "o2")).status).toBe(200);
    expect((await accept(visitor, "o2")).status).toBe(409);
    expect(site.counts).toMatchObject({ effects: 2, replays: 1, doubledUnkeyed: 1 });
  });

  it("may be accepted and yet answered by 401", async () => {
    const { site, visitor } = await open({ settings: { orders: { effectThenOut: true } } });
    await logIn(site, visitor);
    expect((await accept(visitor, "o1")).status).toBe(401);
    expect(site.counts.effects).toBe(1);
  });
});

describe("trouble", () => {
  it.each([
    ["500", 500, null],
    ["503", 503, "30"],
    ["429", 429, "30"],
  ] as const)("%s is everybody's answer, by part of the site", async (api, status, retryAfter) => {
    const { site, visitor } = await open();
    await logIn(site, visitor);
    site.set({ trouble: { api } });
    const answer = await visitor.get("/api/me");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, retryAfter]);
    expect((await visitor.get("/login/code")).status).toBe(302);
    site.set({ trouble: { api: null, login: api } });
    expect((await visitor.get("/api/me")).status).toBe(200);
    expect((await visitor.get("/login")).status).toBe(status);
  });

  it("can be no answer at all, or a cut connection", async () => {
    const { site } = await open({ settings: { trouble: { api: "hang", login: "reset" } } });
    const signal = AbortSignal.timeout(200);
    await expect(fetch(`${site.url}/api/me`, { signal })).rejects.toThrow();
    await expect(fetch(`${site.url}/login`)).rejects.toThrow();
  });
});

describe("the control", () => {
  const post = (site: PortalSite, verb: string, body: unknown, headers = {}) =>
    fetch(`${site.url}/__control${verb}`, { method: "POST", body: JSON.stringify(body), headers });

  it("sets the settings and the clock, ends sessions, and tells what happened", async () => {
    const { site, visitor } = await open();
    const set = await post(site, "", { login: { trustDevices: true }, now: START + 5 });
    expect(await set.json()).toEqual({ arrived: [], nextSmsAt: null });
    await visitor.password();
    const { arrived } = (await (await post(site, "", { now: START + 6 })).json()) as {
      arrived: { code: string }[];
    };
    await visitor.code(arrived[0]?.code ?? "");
    expect(await (await post(site, "/expire", { username: ACCOUNT.username })).json()).toEqual({
      ended: 1,
    });
    expect((await visitor.get("/api/me")).status).toBe(401);
    expect(await (await fetch(`${site.url}/__control`)).json()).toMatchObject({
      now: START + 6,
      settings: { login: { trustDevices: true } },
      counts: { logins: 1 },
      accounts: [{ username: ACCOUNT.username, locked: false, sessions: 0 }],
      record: [
        { what: "password_right", at: START + 5 },
        { what: "code_sent" },
        { what: "sms_arrived" },
        { what: "code_used", at: START + 6 },
        { what: "logged_in" },
        { what: "ended", of: "1" },
        { what: "unauthorised", of: "/api/me" },
      ],
    });
    await post(site, "/sms", { code: "111111" });
    expect(site.takeArrived()).toMatchObject([{ code: "111111", phone: ACCOUNT.phone }]);
    await post(site, "/unlock", {});
    await post(site, "/reset", {});
    expect(site.counts.logins).toBe(0);
  });

  it("refuses what it does not know, and pages in a browser", async () => {
    const { site } = await open();
    expect((await post(site, "", { login: { colour: "red" } })).status).toBe(400);
    expect((await post(site, "", { sms: { body: "fax" } })).status).toBe(400);
    expect((await post(site, "/explode", {})).status).toBe(404);
    expect((await post(site, "", {}, { origin: "http://x.example" })).status).toBe(403);
  });
});
