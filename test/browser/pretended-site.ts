import type { Site, SiteAnswer } from "../../src/session-pairs/parts.ts";
import type { Snapshot } from "../../src/session-pairs/snapshot.ts";

/** A web site with one account, as its HTTP answers show it. */
export class PretendedSite {
  /** Sessions by the value of their cookie; true: logged in. */
  readonly sessions = new Map<string, boolean>();
  /** Paths that were asked for, in order. */
  readonly asked: string[] = [];
  /** A login ends the account's other sessions. */
  oneSession = false;
  isDown = false;
  /** What the cookie says of its end; seconds from now, null: nothing. */
  cookieEndsAt: number | null = null;
  /** Answers wait for it. */
  gate: Promise<void> = Promise.resolve();
  /** The cookie that the next answer sets beside the session's. */
  nextCookie: string | null = null;

  logIn(now: number): Snapshot {
    if (this.oneSession) this.endAll();
    const sid = crypto.randomUUID();
    this.sessions.set(sid, true);
    return {
      cookies: [cookie("sid", sid)],
      storage: [],
      userAgent: "test",
      viewport: { width: 800, height: 600 },
      values: {},
      takenAt: now,
    };
  }

  end(sid: string): void {
    this.sessions.set(sid, false);
  }

  endAll(): void {
    for (const sid of this.sessions.keys()) this.end(sid);
  }

  get alive(): number {
    return [...this.sessions.values()].filter(Boolean).length;
  }

  readonly part: Site = {
    send: async ({ definition, snapshot, request }) => {
      const { pathname, origin } = new URL(request.url);
      if (!definition.origins.includes(origin)) {
        return { kind: "failed", reason: "origin_left", sent: false };
      }
      this.asked.push(`${request.method} ${pathname}`);
      await this.gate;
      if (this.isDown) return answer(503, "down", request.url);
      const sid = snapshot.cookies.find(({ name }) => name === "sid")?.value ?? "";
      if (this.sessions.get(sid) !== true) return answer(401, "log in", request.url);
      if (pathname === "/logout") this.end(sid);
      if (pathname === "/forbidden") return answer(401, "not for you", request.url);
      const set = this.nextCookie;
      this.nextCookie = null;
      const others = snapshot.cookies.filter(({ name }) => name !== "extra");
      const cookies = set === null ? null : [...others, cookie("extra", set)];
      const shown = snapshot.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
      return { ...answer(200, shown, request.url), cookies };
    },
    judge: (_, got) => {
      if (got.kind === "failed" || got.status >= 500) return "inconclusive";
      return got.status === 401 ? "out" : "in";
    },
    matchesOut: (_, got) => got.status === 401,
    healthRequest: ({ health }) => ({ method: "GET", url: health.url, headers: {}, body: null }),
    logoutRequest: ({ logout }) =>
      logout ? { method: "POST", url: logout.url, headers: {}, body: null } : null,
    requestFault: ({ origins }, { url }) =>
      origins.includes(new URL(url).origin) ? null : { field: "url", message: "is elsewhere" },
    cookiesEndAt: () => this.cookieEndsAt,
  };
}

const cookie = (name: string, value: string) => ({
  name,
  value,
  domain: "site.test",
  path: "/",
  expires: null,
  httpOnly: true,
  secure: false,
  sameSite: null,
});

function answer(status: number, text: string, url: string): SiteAnswer & { cookies: null } {
  const body = new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
  return { kind: "answered", status, headers: [], body, url, cookies: null };
}
