import type { Settings } from "../context.ts";
import { type Deadline, readCapped, startDeadline } from "../destinations/index.ts";
import type { PortalDefinition } from "../portals/schemas.ts";
import type { Snapshot, StoredCookie } from "../session-pairs/index.ts";
import { answerHeaders } from "./answer-headers.ts";
import { callSite } from "./call-site.ts";
import { MAX_ANSWER_BYTES, MAX_REDIRECTS } from "./constants.ts";
import { cookiesFor, isExpired } from "./cookies-for.ts";
import { type Call, nextCall } from "./next-call.ts";
import { requestHeaders } from "./request-headers.ts";
import { withSetCookies } from "./set-cookies.ts";
import type { SiteRequest } from "./site-request.ts";

export type SiteAnswer = {
  kind: "answered";
  status: number;
  /** Without cookies, and without what belonged to the connection or to a packing that is undone. */
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
  /** Where redirects led to, without the fragment. */
  url: string;
};

/** No whole answer came. */
export type SendFailure = {
  kind: "failed";
  reason: "timeout" | "connection_failed" | "origin_left" | "too_large" | "redirect_loop";
  /** The request may have reached the site. */
  sent: boolean;
};

export type SendInput = {
  /** Resolved. */
  definition: PortalDefinition;
  snapshot: Snapshot;
  settings: Settings;
  request: SiteRequest;
  /** Over everything: lookups, redirects, and the last answer's whole body. */
  timeoutMs: number;
};

/**
 * Sends a request with a session's cookies, and follows redirects as a browser does on a page of the site.
 * `cookies` are all of them when an answer has changed any, else null. What goes wrong outside is data.
 */
export type SendWithJar = (
  input: SendInput,
) => Promise<(SiteAnswer & { cookies: StoredCookie[] | null }) | SendFailure>;

export const sendWithJar: SendWithJar = jarSender(() => Date.now());

/** `now` (ms UTC) says which cookies have expired; deadlines take the real time. */
export function jarSender(now: () => number): SendWithJar {
  return async (input) => {
    const deadline = startDeadline(input.timeoutMs);
    try {
      return await follow(input, now, deadline);
    } finally {
      deadline.clear();
    }
  };
}

async function follow(
  { definition, snapshot, settings, request }: SendInput,
  now: () => number,
  deadline: Deadline,
): ReturnType<SendWithJar> {
  const from = URL.parse(request.url);
  if (!from) return failed("origin_left", false);
  const terms = { definition, settings, from: from.origin, deadline };
  let call: Call = {
    method: request.method.toUpperCase(),
    url: from,
    headers: requestHeaders(definition, snapshot, request),
    body: request.body,
  };
  let { cookies } = snapshot;

  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const { url, method } = call;
    const called = await callSite(
      call,
      cookiesFor(cookies, { url, method, from, now: now() }),
      terms,
    );
    if (!called.answer) return failed(called.reason, called.left || redirects > 0);
    const { answer } = called;
    cookies = withSetCookies(cookies, answer.headers.getSetCookie(), url, now());
    const next = nextCall(call, answer.status, answer.headers.get("location"));
    if (!next) {
      const read = await readAnswer(answer, call, deadline);
      if (read.kind === "failed") return read;
      const changed = cookies !== snapshot.cookies;
      return { ...read, cookies: changed ? unexpired(cookies, now()) : null };
    }
    // Nobody reads it, and it would hold one of the Worker's few connections.
    void answer.body?.cancel().catch(() => {});
    call = next;
  }
  return failed("redirect_loop", true);
}

/** The whole answer, unpacked. */
async function readAnswer(
  answer: Response,
  { url, method }: Call,
  deadline: Deadline,
): Promise<SiteAnswer | SendFailure> {
  const read = answer.body
    ? await readCapped(answer.body, MAX_ANSWER_BYTES, deadline.race)
    : { bytes: new Uint8Array(), truncated: false, failed: false };
  if (read.failed) return failed(deadline.hasStruck() ? "timeout" : "connection_failed", true);
  if (read.truncated) return failed("too_large", true);
  const end = new URL(url);
  end.hash = "";
  return {
    kind: "answered",
    status: answer.status,
    headers: answerHeaders(answer.headers, method),
    body: read.bytes,
    url: end.href,
  };
}

function failed(reason: SendFailure["reason"], sent: boolean): SendFailure {
  return { kind: "failed", reason, sent };
}

function unexpired(cookies: StoredCookie[], now: number): StoredCookie[] {
  return cookies.filter((cookie) => !isExpired(cookie, now));
}
