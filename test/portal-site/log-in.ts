import { type Answer, type Asked, cookie, html, redirect } from "./answer.ts";
import { isOpen, startChallenge } from "./challenge.ts";
import { COOKIES, DAY_MS, HOUR_MS, LOGIN_TTL_MS } from "./constants.ts";
import { fieldsOf, loginPage, noticePage } from "./pages.ts";
import { findSession, openSession } from "./sessions.ts";
import type { Account, Login, Site } from "./site.ts";

/** The login of a browser: the one that its cookie names, or a new one. */
export function openLogin(site: Site, asked: Asked): { login: Login; cookies: string[] } {
  const known = findLogin(site, asked);
  if (known && known.account === null) return { login: known, cookies: [] };
  const login: Login = {
    id: site.newId("l"),
    csrf: site.newId("t"),
    openedAt: site.now(),
    account: null,
    enteredAt: null,
    codes: [],
    wrongCodes: 0,
    ended: false,
    overtaken: false,
  };
  for (const [id, { openedAt }] of site.logins) {
    if (openedAt + LOGIN_TTL_MS < site.now()) site.logins.delete(id);
  }
  site.logins.set(login.id, login);
  return { login, cookies: [cookie(COOKIES.login, login.id)] };
}

/** Null: the browser has none, or it is over. */
export function findLogin(site: Site, { cookies }: Asked): Login | null {
  const login = site.logins.get(cookies.get(COOKIES.login) ?? "");
  if (!login || login.ended || login.openedAt + LOGIN_TTL_MS < site.now()) return null;
  return login;
}

export function showLogin(site: Site, asked: Asked): Answer {
  site.counts.loginPages += 1;
  if (findSession(site, asked)) return redirect("/partners");
  const { login, cookies } = openLogin(site, asked);
  return html(200, loginPage(login, site.settings.login), cookies);
}

export function checkPassword(site: Site, asked: Asked): Answer {
  const login = findLogin(site, asked);
  const form = new URLSearchParams(asked.body);
  if (!login || form.get("_csrf") !== login.csrf || login.account !== null) {
    return html(403, noticePage("bad-request", "잘못된 접근", "처음부터 다시 로그인해 주세요."));
  }
  const { settings } = site;
  const fields = fieldsOf(settings.login.form);
  const username = form.get(fields.user);
  const password = form.get(fields.password);
  if (!username || !password) {
    return html(200, loginPage(login, settings.login, "아이디와 비밀번호를 입력해 주세요."));
  }
  if (settings.login.captcha) {
    return html(200, loginPage(login, settings.login, "자동입력 방지 문자를 입력해 주세요."));
  }
  const account = site.accounts.get(username);
  if (account?.locked) return locked();
  if (!account || account.password !== password) return wrongPassword(site, login, account);
  return enter(site, asked, login, account);
}

function wrongPassword(site: Site, login: Login, account: Account | undefined): Answer {
  site.counts.passwordsWrong += 1;
  site.note("password_wrong", { username: account?.username });
  if (account) {
    account.wrongPasswords += 1;
    if (account.wrongPasswords >= site.settings.login.lockAfter) return lock(site, account);
  }
  const error = "아이디 또는 비밀번호가 올바르지 않습니다.";
  return html(200, loginPage(login, site.settings.login, error));
}

/** The password is right. */
function enter(site: Site, asked: Asked, login: Login, account: Account): Answer {
  const now = site.now();
  const { code, refusal, leadsTo, trustDevices } = site.settings.login;
  account.wrongPasswords = 0;
  account.entries = [...account.entries.filter((at) => at > now - DAY_MS), now];
  site.counts.passwordsRight += 1;
  site.note("password_right", { username: account.username, login: login.id });
  if (isAttacked(site, account)) return lock(site, account);
  if (leadsTo !== null) return redirect(leadsTo);
  if (refusal !== null) return html(200, noticePage("refusal", "로그인 제한", refusal));
  overtakeOthers(site, login, account);
  login.account = account;
  login.enteredAt = now;
  const isTrusted =
    trustDevices && site.devices.get(asked.cookies.get(COOKIES.device) ?? "") === account.username;
  if (code && !isTrusted) {
    startChallenge(site, login, account);
    return redirect("/login/code");
  }
  login.ended = true;
  return redirect("/partners", openSession(site, account));
}

/** Logins of the account, or of another one with its phone, that still wait for a code. */
function overtakeOthers(site: Site, login: Login, { phone }: Account): void {
  for (const other of site.logins.values()) {
    if (other === login || other.account?.phone !== phone || !isOpen(site, other)) continue;
    other.overtaken = true;
    site.counts.loginsBesideAnother += 1;
    site.note("login_beside_another", { login: other.id });
  }
}

function isAttacked(site: Site, { entries }: Account): boolean {
  const { lockOverPerHour, lockOverPerDay } = site.settings.login;
  const inHour = entries.filter((at) => at > site.now() - HOUR_MS).length;
  return (
    (lockOverPerHour !== null && inHour > lockOverPerHour) ||
    (lockOverPerDay !== null && entries.length > lockOverPerDay)
  );
}

function lock(site: Site, account: Account): Answer {
  account.locked = true;
  site.counts.lockouts += 1;
  site.note("locked", { username: account.username });
  return locked();
}

function locked(): Answer {
  const text = "로그인 시도가 많아 계정이 잠겼습니다. 고객센터에 문의해 주세요.";
  return html(200, noticePage("locked", "계정 잠김", text));
}
