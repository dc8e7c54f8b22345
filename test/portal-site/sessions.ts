import { type Answer, type Asked, cookie, html, json, redirect } from "./answer.ts";
import { COOKIES, ROTATION_GRACE_MS } from "./constants.ts";
import { openLogin } from "./log-in.ts";
import { loginPage } from "./pages.ts";
import type { Account, Session, Site } from "./site.ts";

/** Lets an account in. Gives the cookies that say so. */
export function openSession(site: Site, account: Account): string[] {
  if (site.settings.session.onePerAccount) {
    site.counts.displaced += endSessions(site, account.username);
  }
  const now = site.now();
  const session: Session = {
    id: site.newId("s"),
    account,
    centerId: `C${site.newId("")}`,
    openedAt: now,
    seenAt: now,
    rotatedAt: now,
  };
  site.sessions.set(session.id, session);
  site.counts.logins += 1;
  site.note("logged_in", { username: account.username });
  const cookies = [sessionCookie(site, session), centerCookie(session)];
  if (!site.settings.login.trustDevices) return cookies;
  const device = site.newId("d");
  site.devices.set(device, account.username);
  return [...cookies, cookie(COOKIES.device, device, { maxAge: 365 * 86_400 })];
}

/** The session of a request, or null when it has none or its time is over. */
export function findSession(site: Site, { cookies }: Asked): Session | null {
  const value = cookies.get(COOKIES.session) ?? "";
  const session = site.sessions.get(value);
  if (!session) return null;
  const now = site.now();
  const { lifeSeconds, idleSeconds } = site.settings.session;
  const isOld = lifeSeconds !== null && now >= session.openedAt + lifeSeconds * 1000;
  const isIdle = idleSeconds !== null && now >= session.seenAt + idleSeconds * 1000;
  if (isOld || isIdle) {
    endSession(site, session);
    site.counts.expired += 1;
    site.note("expired", { username: session.account.username });
    return null;
  }
  if (value !== session.id && now >= session.rotatedAt + ROTATION_GRACE_MS) {
    site.sessions.delete(value);
    return null;
  }
  session.seenAt = now;
  return session;
}

/** Cookies that go with an answer: another value, when it is time for one. */
export function rotation(site: Site, session: Session): string[] {
  const { rotateSeconds } = site.settings.session;
  const now = site.now();
  if (rotateSeconds === null || now < session.rotatedAt + rotateSeconds * 1000) return [];
  session.id = site.newId("s");
  session.rotatedAt = now;
  site.sessions.set(session.id, session);
  return [sessionCookie(site, session)];
}

export function endSession(site: Site, session: Session): void {
  for (const [value, known] of site.sessions) {
    if (known === session) site.sessions.delete(value);
  }
}

/** Ends an account's sessions, or everybody's, or the oldest `count` of them. Gives how many. */
export function endSessions(site: Site, username: string | null, count = Infinity): number {
  const live = new Set(site.sessions.values());
  const ended = [...live]
    .filter(({ account }) => username === null || account.username === username)
    .slice(0, count);
  for (const session of ended) endSession(site, session);
  return ended.length;
}

/** What somebody gets who is not logged in. */
export function loggedOut(site: Site, asked: Asked): Answer {
  site.counts.unauthorised += 1;
  site.note("unauthorised", { of: asked.url.pathname });
  const isPage = !asked.url.pathname.startsWith("/api/") && asked.url.pathname !== "/logout";
  const { outAs } = site.settings.session;
  if (outAs === "form") {
    const { login, cookies } = openLogin(site, asked);
    return html(200, loginPage(login, site.settings.login), cookies);
  }
  if (outAs === "redirect" || isPage) return redirect("/login");
  return json(401, { code: "LOGIN_REQUIRED", message: "로그인이 필요합니다." });
}

function sessionCookie(site: Site, session: Session): string {
  const { cookieExpires, lifeSeconds } = site.settings.session;
  const left = lifeSeconds === null ? 86_400 : lifeSeconds;
  const maxAge = Math.max(0, Math.round(left - (site.now() - session.openedAt) / 1000));
  return cookie(COOKIES.session, session.id, cookieExpires ? { maxAge } : {});
}

function centerCookie({ centerId }: Session): string {
  return cookie(COOKIES.center, centerId, { readable: true });
}
