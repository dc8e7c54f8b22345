import type { Settings } from "../context.ts";
import { type Deadline, mayNotBeCalled } from "../destinations/index.ts";
import { isAllowedUrl } from "../portals/index.ts";
import type { PortalDefinition } from "../portals/schemas.ts";
import type { StoredCookie } from "../session-pairs/index.ts";
import { cookieHeader } from "./cookies-for.ts";
import type { Call } from "./next-call.ts";

/** An answer whose body is unread, or why there is none; `left`: the request may have left for the site. */
export type Called =
  | { answer: Response }
  | {
      answer?: undefined;
      reason: "timeout" | "connection_failed" | "origin_left";
      left: boolean;
    };

export type CallTerms = {
  definition: PortalDefinition;
  settings: Settings;
  /** Origin of the page that asks. */
  from: string;
  deadline: Deadline;
};

/** Makes one call, after every check; redirects are not followed. */
export async function callSite(
  call: Call,
  cookies: StoredCookie[],
  { definition, settings, from, deadline }: CallTerms,
): Promise<Called> {
  if (!isAllowedUrl(definition.origins, call.url.href))
    return { reason: "origin_left", left: false };
  const request = toRequest(call, cookies, from);
  let left = false;
  try {
    // Settings and DNS may have changed since the portal was saved.
    const isBarred = await deadline.race(mayNotBeCalled({ url: call.url.href }, settings));
    if (!request || isBarred) return { reason: "connection_failed", left };
    left = true;
    return { answer: await deadline.race(fetch(request, { signal: deadline.signal })) };
  } catch {
    return { reason: deadline.hasStruck() ? "timeout" : "connection_failed", left };
  }
}

/** Null for what the runtime cannot send. */
function toRequest(
  { method, url, headers, body }: Call,
  cookies: StoredCookie[],
  from: string,
): Request | null {
  const all = headers.map(({ name, value }): [string, string] => [name, value]);
  const cookie = cookieHeader(cookies);
  if (cookie !== "") all.push(["cookie", cookie]);
  // Browsers say so with whatever may change something, and sites refuse a form without it.
  const isChange = method !== "GET" && method !== "HEAD";
  if (isChange && !headers.some(({ name }) => name === "origin")) all.push(["origin", from]);
  try {
    // `no-store`: a session's pages belong in no cache that others read.
    return new Request(url, { method, headers: all, body, redirect: "manual", cache: "no-store" });
  } catch {
    return null;
  }
}
