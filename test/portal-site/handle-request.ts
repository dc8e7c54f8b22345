import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, type Asked, html, json, readCookies, redirect, write } from "./answer.ts";
import { answerBehindLogin } from "./behind-login.ts";
import { checkCode, resend, showCode } from "./challenge.ts";
import { MAX_BODY_BYTES } from "./constants.ts";
import { checkPassword, showLogin } from "./log-in.ts";
import { noticePage } from "./pages.ts";
import type { Site } from "./site.ts";

const LOGIN_ROUTES: Record<string, (site: Site, asked: Asked) => Answer> = {
  "GET /login": showLogin,
  "POST /login": checkPassword,
  "GET /login/code": showCode,
  "POST /login/code": checkCode,
  "POST /login/code/resend": resend,
};

/** Answers a browser, as the settings want it. */
export async function handleRequest(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readText(request);
  const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "localhost"}`);
  const { method = "GET", headers } = request;
  const asked: Asked = {
    method,
    url,
    headers,
    cookies: readCookies(headers.cookie),
    body: body ?? "",
  };
  site.counts.requests += 1;
  const part = url.pathname === "/login" || url.pathname.startsWith("/login/") ? "login" : "api";
  const trouble = site.settings.trouble[part];
  if (trouble === "hang") return;
  if (trouble === "reset") return void response.destroy();
  if (trouble !== null) return write(response, troubled(site, Number(trouble)));
  write(response, body === null ? json(413, { code: "TOO_LARGE" }) : answerTo(site, asked));
}

function answerTo(site: Site, asked: Asked): Answer {
  const { method, url, headers } = asked;
  if (method === "POST" && headers.origin !== undefined && headers.origin !== url.origin) {
    return html(403, noticePage("bad-request", "잘못된 접근", "다른 사이트에서 온 요청입니다."));
  }
  if (url.pathname === "/") return redirect("/partners");
  if (url.pathname === "/favicon.ico") return { status: 204, body: null };
  const isLogin = url.pathname === "/login" || url.pathname.startsWith("/login/");
  if (!isLogin) {
    return answerBehindLogin(site, asked) ?? html(404, noticePage("missing", "없는 페이지", "404"));
  }
  const handler = LOGIN_ROUTES[`${method === "HEAD" ? "GET" : method} ${url.pathname}`];
  if (!handler) return html(405, noticePage("bad-request", "잘못된 접근", "405"));
  const type = headers["content-type"]?.split(";")[0];
  if (method === "POST" && type !== "application/x-www-form-urlencoded") {
    return html(415, noticePage("bad-request", "잘못된 접근", "415"));
  }
  return handler(site, asked);
}

function troubled(site: Site, status: number): Answer {
  const { retryAfterSeconds } = site.settings.trouble;
  const headers: Record<string, string> =
    status === 429 || status === 503 ? { "retry-after": String(retryAfterSeconds) } : {};
  const text = "이용이 많습니다. 잠시 후 다시 시도해 주세요.";
  return { ...html(status, noticePage("busy", "잠시 후 다시", text)), headers };
}

/** Null: it is too large. */
export async function readText(request: IncomingMessage): Promise<string | null> {
  if (request.method === "GET") return "";
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString("utf8");
}
