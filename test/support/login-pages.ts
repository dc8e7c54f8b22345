import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const CODE = "024561";

/**
 * Small login pages for the tests of the browser, below `/<mode>/`. Each mode is one way that a site can behave. Beside
 * them: `/__hits` lists what was asked, `/__kill?id=` ends a browser with SIGKILL by its session id.
 */
export async function startLoginPages() {
  const hits: string[] = [];
  const other = { origin: "" };
  const server = createServer((request, response) => {
    void answer(request, response, hits, other.origin).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // Two names of one machine are two origins, with cookies of their own.
  other.origin = `http://localhost:${port}`;
  return {
    origin: `http://127.0.0.1:${port}`,
    other: other.origin,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const FORM = `<form method=post action=login id=login>
  <input id=username name=username><input id=password name=password type=password>
  <button id=submit>Log in</button></form>`;
const codeForm = (error = "") => `<p>We sent a code to 010-1234-5678.</p>
  <form method=post action=code id=code-form><input id=code name=code inputmode=numeric>
  <button id=confirm>OK</button></form><button id=again onclick="fetch('again',{method:'POST'})">Again</button>
  ${error && `<p class=error>${error}</p>`}`;
const HOME = `<h1 id=home data-center="center-7">Partners</h1><script>
  localStorage.setItem("token", "local-" + location.hostname);
  sessionStorage.setItem("tab", "session-" + location.hostname);</script>`;

/** What GET …/login shows where it is not the form. */
const LOGIN_PAGES: Record<string, string> = {
  captcha: "<h1>Are you a robot?</h1><img id=captcha width=90 height=30>",
  changed: "<form><input id=user-name><input id=pass-word type=password><button>Go</button></form>",
  silent: FORM.replace("<form", "<form onsubmit='return false'"),
  alert: FORM.replace("<form", `<form onsubmit="alert('비밀번호가 틀렸습니다'); return false"`),
  banner: `<div id=banner style="position:fixed;inset:0;background:#fff"><button id=close
    onclick="document.getElementById('banner').remove()">Close</button></div>${FORM}`,
  boxes: FORM,
  script: `${FORM}<script>document.forms[0].onsubmit = async (event) => {
    event.preventDefault();
    const answer = await fetch("api", { method: "POST" });
    document.body.innerHTML = await answer.text();
  }</script>`,
};

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  hits: string[],
  other: string,
): Promise<void> {
  const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
  if (url.pathname === "/__hits") return send(response, 200, JSON.stringify(hits));
  if (url.pathname === "/__kill")
    return send(response, 200, String(kill(url.searchParams.get("id"))));
  hits.push(`${request.method} ${url.origin}${url.pathname}`);
  if (url.pathname.startsWith("/fetch/")) return answerFetch(url, request, response);
  const [, mode = "", page = ""] = url.pathname.split("/");
  const cookies = request.headers.cookie ?? "";
  const form = new URLSearchParams(await readText(request));
  switch (`${request.method} ${page}`) {
    case "GET login":
      if (mode === "down") return send(response, 503, "down");
      if (mode === "busy") return send(response, 429, "busy");
      if (mode === "never") return;
      return send(
        response,
        200,
        `<title>Log in</title>${frame(mode, other)}${LOGIN_PAGES[mode] ?? FORM}${mode === "reaching" ? reaching(other) : ""}`,
      );
    case "POST login":
      return takePassword(mode, form, cookies, response, other);
    case "POST api":
      return send(response, mode === "script" ? 500 : 200, "<p>oops</p>");
    case "GET code":
      return send(response, 200, codeForm());
    case "POST code":
      if (mode === "slow-code") return;
      if (form.get("code") === CODE) return goOn(response, "home", ["sid=s-1; HttpOnly; Path=/"]);
      return send(response, 200, codeForm("That code is wrong"));
    case "POST again":
      return send(response, 200, "sent");
    case "GET home":
      return send(response, 200, mode === "large" ? large() : HOME);
    case "GET sso":
      return send(
        response,
        200,
        `${HOME}<script>location.replace("${url.searchParams.get("to")}")</script>`,
      );
    case "GET who":
      return send(response, 200, JSON.stringify({ cookies, agent: request.headers["user-agent"] }));
    default:
      return send(response, 404, "not here");
  }
}

function frame(mode: string, other: string): string {
  return mode === "framed" ? `<iframe src="${other}/framed/who"></iframe>` : "";
}

/** Everything by which a page can reach another host, and a socket of its own. */
function reaching(other: string): string {
  const to = `${other}/reached`;
  const socket = to.replace("http", "ws");
  return `<img src="${to}/image"><iframe srcdoc="<img src='${to}/inner'><script>new WebSocket('${socket}/inner-socket')</script>"></iframe><script>
    const work = "fetch('${to}/worker').catch(() => {})";
    new Worker(URL.createObjectURL(new Blob([work])));
    fetch("${to}/fetch").catch(() => {});
    navigator.sendBeacon("${to}/beacon", "x");
    try { new WebSocket("${socket}/socket") } catch {}
    new WebSocket(location.origin.replace("http", "ws") + "/own/socket");
    addEventListener("click", () => window.open("${to}/pop-up"), { once: true });
  </script>`;
}

/** What a fetch inside a page gets. */
async function answerFetch(url: URL, request: IncomingMessage, response: ServerResponse) {
  switch (url.pathname) {
    case "/fetch/bytes":
      // Every byte, some of which are no text.
      for await (const chunk of request) response.write(chunk);
      return void response.end(Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => at % 256)));
    case "/fetch/sets":
      response.setHeader("set-cookie", "sid=s-2; HttpOnly; Path=/");
      return send(response, 200, "set");
    case "/fetch/goes":
      return goOn(response, url.searchParams.get("to") ?? "", []);
    case "/fetch/round":
      return goOn(response, "/fetch/round", []);
    case "/fetch/never":
      return;
    case "/fetch/large":
      return void response.end(Buffer.alloc(11 * 1024 * 1024));
    default: {
      const { method, headers } = request;
      const body = await readText(request);
      const status = Number(url.searchParams.get("status") ?? 200);
      return send(response, status, JSON.stringify({ method, headers, body }));
    }
  }
}

function takePassword(
  mode: string,
  form: URLSearchParams,
  cookies: string,
  response: ServerResponse,
  other: string,
): void {
  const error = (text: string) => send(response, 200, `${FORM}<p class=error>${text}</p>`);
  if (form.get("password") !== "canary-pässword 1") {
    return error(`Wrong password for ${form.get("username")}`);
  }
  switch (mode) {
    case "locked":
      return error("This account is locked");
    case "refused":
      return error("Please come to our office");
    case "sms":
    case "slow-code":
    case "boxes":
      if (cookies.includes("device=d-1"))
        return goOn(response, "home", ["sid=s-1; HttpOnly; Path=/"]);
      return goOn(response, "code", [
        "device=d-1; Max-Age=9999; HttpOnly; Path=/",
        "junk=j-1; Path=/",
      ]);
    case "busy-later":
      return send(response, 429, "busy");
    case "down-later":
      return send(response, 502, "down");
    case "hangs":
      return;
    case "cut":
      response.destroy();
      return;
    case "odd":
      return send(response, 200, "<p>Maintenance tonight</p>");
    case "leaves":
      return goOn(response, "http://example.invalid/steal", []);
    case "leaves-by-script":
      return send(response, 200, `<script>location.href = "${other}/leaves/who"</script>`);
    case "sso":
      return goOn(
        response,
        `${other}/sso/sso?to=http://127.0.0.1:${new URL(other).port}/sso/home`,
        [],
      );
    case "shown":
      return send(response, 200, `<p>${form.get("username")} / ${form.get("password")}</p>`);
    default:
      return goOn(response, "home", [
        "sid=s-1; HttpOnly; Path=/",
        "lasting=l-1; Max-Age=9999; Path=/; SameSite=Lax",
      ]);
  }
}

function large(): string {
  return `${HOME}<script>for (let i = 0; i < 3; i++) localStorage.setItem("x" + i, "x".repeat(500_000))</script>`;
}

function goOn(response: ServerResponse, location: string, cookies: string[]): void {
  response.writeHead(303, { location, "set-cookie": cookies }).end();
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(body);
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

/** The browser's main process has the session's id in its profile. Gives how many were ended. */
function kill(sessionId: string | null): number {
  if (!sessionId) return 0;
  const pids = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    const words = commandOf(name);
    // Not its helpers, and not the watcher of the wrapper.
    const isMain =
      words[0]?.endsWith("/chromium") && !words.some((word) => word.startsWith("--type="));
    return isMain && words.some((word) => word.includes(`/profile-${sessionId}-`));
  });
  for (const pid of pids) process.kill(Number(pid), "SIGKILL");
  return pids.length;
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
