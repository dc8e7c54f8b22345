import { ACCOUNT } from "../portal-site/index.ts";

/** A browser's part in a visit of the simulated portal: cookies, forms, and no redirect that is not looked at. */
export function openVisitor(origin: string) {
  const cookies = new Map<string, string>();

  async function request(path: string, init: RequestInit = {}) {
    const headers = new Headers(init.headers);
    if (cookies.size > 0) {
      headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    }
    const response = await fetch(new URL(path, origin), { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = line.match(/^([^=]+)=([^;]*)/) ?? [];
      if (/max-age=0(;|$)/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  }

  /** Sends a form with the token of the page that it is on. */
  async function submit(pagePath: string, action: string, fields: Record<string, string>) {
    const page = await request(pagePath);
    const csrf = page.text.match(/name="_csrf" value="([^"]+)"/)?.[1] ?? "";
    return request(action, {
      method: "POST",
      body: new URLSearchParams({ _csrf: csrf, ...fields }),
    });
  }

  return {
    cookies,
    request,
    get: (path: string) => request(path),
    submit,
    password: (password: string = ACCOUNT.password, username: string = ACCOUNT.username) =>
      submit("/login", "/login", { username, password }),
    code: (code: string) => submit("/login/code", "/login/code", { code }),
    resend: () => submit("/login/code", "/login/code/resend", {}),
    logout: (centerId = cookies.get("center_id") ?? "") =>
      request("/logout", { method: "POST", headers: { "center-id": centerId } }),
  };
}

export type Visitor = ReturnType<typeof openVisitor>;

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
