import { type Answer, type Asked, html, redirect } from "./answer.ts";
import { CODE_TTL_MS, MAX_WRONG_CODES, RESEND_EVERY_MS } from "./constants.ts";
import { findLogin } from "./log-in.ts";
import { codePage, noticePage } from "./pages.ts";
import { sendCode } from "./send-sms.ts";
import { openSession } from "./sessions.ts";
import type { Account, Login, Site } from "./site.ts";

/** True while a login waits for a code that it can still be given. */
export function isOpen(site: Site, login: Login): boolean {
  const last = login.codes.at(-1);
  return !login.ended && last !== undefined && site.now() < last.sentAt + CODE_TTL_MS;
}

export function startChallenge(site: Site, login: Login, account: Account): void {
  const code = site.newCode();
  login.codes.push({ code, sentAt: site.now(), void: false });
  site.note("code_sent", { username: account.username, login: login.id });
  sendCode(site, account, code);
}

type Challenged = Login & { account: Account };

/** A login that waits for a code; going on with one that another has overtaken is seen. */
function findChallenged(site: Site, asked: Asked): Challenged | null {
  const login = findLogin(site, asked);
  if (!login || login.account === null || login.codes.length === 0) return null;
  if (login.overtaken) {
    login.overtaken = false;
    site.counts.overlappingLogins += 1;
    site.note("logins_overlap", { login: login.id });
  }
  return login as Challenged;
}

export function showCode(site: Site, asked: Asked): Answer {
  const login = findChallenged(site, asked);
  return login ? html(200, pageOf(login)) : redirect("/login");
}

export function checkCode(site: Site, asked: Asked): Answer {
  const login = findChallenged(site, asked);
  const form = new URLSearchParams(asked.body);
  if (!login) return redirect("/login");
  if (form.get("_csrf") !== login.csrf) return forbidden();
  const typed = form.get("code") ?? "";
  if (!/^\d{6}$/.test(typed)) {
    return html(200, pageOf(login, "인증번호 6자리를 입력해 주세요."));
  }
  const isFresh = site.firstTyped(typed);
  const match = login.codes.find(({ code }) => code === typed);
  if (match && !match.void && isFresh) {
    if (site.now() < match.sentAt + CODE_TTL_MS) return letIn(site, login);
    site.counts.codesExpired += 1;
    site.note("code_expired", { login: login.id });
    return html(200, pageOf(login, "인증번호 유효시간이 지났습니다. 다시 받아 주세요."));
  }
  return wrongCode(site, login, isFresh);
}

function letIn(site: Site, login: Challenged): Answer {
  login.ended = true;
  site.counts.codesUsed += 1;
  site.note("code_used", { username: login.account.username, login: login.id });
  return redirect("/partners", openSession(site, login.account));
}

function wrongCode(site: Site, login: Challenged, isFresh: boolean): Answer {
  login.wrongCodes += 1;
  site.counts.codesWrong += 1;
  if (!isFresh) site.counts.codesReused += 1;
  site.note(isFresh ? "code_wrong" : "code_reused", { login: login.id });
  if (login.wrongCodes < MAX_WRONG_CODES) {
    return html(200, pageOf(login, "인증번호가 올바르지 않습니다."));
  }
  login.ended = true;
  const text = "인증번호를 세 번 잘못 입력했습니다. 처음부터 다시 로그인해 주세요.";
  return html(200, noticePage("code-refused", "본인 확인 실패", text));
}

export function resend(site: Site, asked: Asked): Answer {
  const login = findChallenged(site, asked);
  if (!login) return redirect("/login");
  if (new URLSearchParams(asked.body).get("_csrf") !== login.csrf) return forbidden();
  const last = login.codes.at(-1);
  if (last && site.now() < last.sentAt + RESEND_EVERY_MS) {
    site.counts.resendsRefused += 1;
    site.note("resend_refused", { login: login.id });
    return html(429, pageOf(login, "인증번호는 1분에 한 번만 받을 수 있습니다."));
  }
  if (site.settings.login.resendVoids) for (const code of login.codes) code.void = true;
  site.counts.resends += 1;
  startChallenge(site, login, login.account);
  return redirect("/login/code");
}

function pageOf(login: Challenged, error: string | null = null): string {
  return codePage(login, `***-****-${login.account.phone.slice(-4)}`, error);
}

function forbidden(): Answer {
  return html(403, noticePage("bad-request", "잘못된 접근", "처음부터 다시 로그인해 주세요."));
}
