import type { Login } from "./site.ts";

function page(title: string, body: string, head = ""): string {
  return `<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><title>${title}</title>${head}
<style>body{font-family:sans-serif;max-width:48rem;margin:2rem auto}label{display:block;margin:.5rem 0}.error{color:#b00}</style>
</head><body><h1>${title}</h1>
${body}
</body></html>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

const errorLine = (error: string | null) =>
  error === null ? "" : `<p class="error" role="alert">${escapeHtml(error)}</p>`;

const FORMS = {
  usual: { form: "login-form", user: "username", password: "password", button: "login-button" },
  changed: { form: "signin-box", user: "memberId", password: "memberSecret", button: "enter" },
} as const;
export type FormName = keyof typeof FORMS;
export const fieldsOf = (form: FormName) => FORMS[form];

export function loginPage(
  login: Login,
  { form, captcha }: { form: FormName; captcha: boolean },
  error: string | null = null,
): string {
  const ids = FORMS[form];
  const puzzle = `<fieldset id="captcha"><legend>자동입력 방지</legend><label>그림의 글자 <input id="captcha-answer" name="captcha" autocomplete="off"></label></fieldset>`;
  return page(
    "파트너센터 로그인",
    `${errorLine(error)}
<form id="${ids.form}" method="post" action="/login">
<input type="hidden" name="_csrf" value="${login.csrf}">
<label>아이디 <input id="${ids.user}" name="${ids.user}" autocomplete="username"></label>
<label>비밀번호 <input id="${ids.password}" name="${ids.password}" type="password" autocomplete="current-password"></label>
${captcha ? puzzle : ""}
<button id="${ids.button}" type="submit">로그인</button>
</form>`,
  );
}

export function codePage(login: Login, maskedPhone: string, error: string | null = null): string {
  return page(
    "본인 확인",
    `<p>${maskedPhone} 번호로 보낸 인증번호 6자리를 3분 안에 입력해 주세요.</p>
${errorLine(error)}
<form id="code-form" method="post" action="/login/code">
<input type="hidden" name="_csrf" value="${login.csrf}">
<label>인증번호 <input id="code" name="code" inputmode="numeric" maxlength="6" autocomplete="one-time-code"></label>
<button id="code-button" type="submit">확인</button>
</form>
<form id="resend-form" method="post" action="/login/code/resend">
<input type="hidden" name="_csrf" value="${login.csrf}">
<button id="resend-button" type="submit">인증번호 다시 받기</button>
</form>`,
  );
}

/** A page that ends a login: nothing on it leads on. */
export function noticePage(id: string, title: string, text: string): string {
  return page(title, `<p id="${id}" class="error" role="alert">${escapeHtml(text)}</p>`);
}

export type Partner = { id: string; name: string; status: string; region: string };

export function partnersPage(
  partners: Partner[],
  { page: number, pages, total }: { page: number; pages: number; total: number },
  centerId: string,
  popup: boolean,
): string {
  const rows = partners.map(
    ({ id, name, status, region }) =>
      `<tr data-id="${id}"><td>${id}</td><td>${name}</td><td>${region}</td><td>${status}</td></tr>`,
  );
  const links = Array.from({ length: pages }, (_, i) =>
    i + 1 === number ? `<b>${i + 1}</b>` : `<a href="/partners?page=${i + 1}">${i + 1}</a>`,
  );
  const notice = `<div id="notice"><p>점검 안내</p><button id="notice-close" onclick="this.parentNode.remove()">닫기</button></div>`;
  return page(
    "협력사 목록",
    `${popup ? notice : ""}
<p>모두 <span id="total">${total}</span>곳 · <span id="who"></span></p>
<table id="partner-list"><thead><tr><th>번호</th><th>이름</th><th>지역</th><th>상태</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>
<p>${links.join(" ")}</p>
<button id="logout-button">로그아웃</button>
<script>
const centerId = document.querySelector('meta[name="center-id"]').content;
localStorage.setItem("portal.locale", "ko-KR");
sessionStorage.setItem("portal.center-id", centerId);
fetch("/api/me").then((answer) => answer.json()).then((me) => {
  document.querySelector("#who").textContent = me.username ?? "";
});
document.querySelector("#logout-button").onclick = () =>
  fetch("/logout", { method: "POST", headers: { "center-id": centerId } }).then(() => location.assign("/login"));
</script>`,
    `<meta name="center-id" content="${centerId}">`,
  );
}
