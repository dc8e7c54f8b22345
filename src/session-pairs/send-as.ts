import { mergeCookies } from "../portal-http/index.ts";
import { keepCookies, renewPrediction } from "./keep-cookies.ts";
import { keepBrowser, type SessionRef, sessionAt } from "./machine/roles.ts";
import type { Pair, UsablePortal } from "./pair.ts";
import type { NoAnswer, SiteAnswer, SiteRequest } from "./parts.ts";
import { withinOrigins } from "./within-origins.ts";

/** The session ended between being chosen and being used. */
export const SESSION_GONE = "session_gone";

/** Sends a request with a session, in the way that the portal's definition asks for, and keeps what it changes. */
export async function sendAs(
  pair: Pair,
  portal: UsablePortal,
  ref: SessionRef,
  { request, timeoutMs }: { request: SiteRequest; timeoutMs: number },
): Promise<SiteAnswer | NoAnswer> {
  const { definition } = portal;
  const answer =
    definition.transport === "page"
      ? await pair.inTurn(`page:${ref.fence}`, () =>
          sendFromPage(pair, portal, ref, { ...request, timeoutMs }),
        )
      : await sendWithCookies(pair, portal, ref, { request, timeoutMs });
  if (answer.kind === "answered" && pair.parts.site.judge(definition, answer) === "in") {
    pair.seen.set(ref.fence, pair.now);
  }
  return answer;
}

async function sendWithCookies(
  pair: Pair,
  portal: UsablePortal,
  ref: SessionRef,
  { request, timeoutMs }: { request: SiteRequest; timeoutMs: number },
): Promise<SiteAnswer | NoAnswer> {
  const snapshot = await pair.jars.of(ref);
  if (!snapshot) return NO_JAR;
  const definition = withinOrigins(portal.definition, snapshot);
  const answer = await pair.parts.site.send({ definition, snapshot, request, timeoutMs });
  // An answer that says the session is over may take its cookies with it; so may a slow one of a session before.
  if (answer.kind === "answered" && !pair.parts.site.matchesOut(definition, answer)) {
    await keepCookies(pair, portal, ref, snapshot, answer.cookies);
  }
  return answer;
}

/** One at a time: a page is one, and a second one would be another browser. */
async function sendFromPage(
  pair: Pair,
  portal: UsablePortal,
  ref: SessionRef,
  request: SiteRequest & { timeoutMs: number },
): Promise<SiteAnswer | NoAnswer> {
  const session = sessionAt(pair.state, ref);
  const snapshot = await pair.jars.of(ref);
  if (!session || !snapshot) return NO_JAR;
  const definition = withinOrigins(portal.definition, snapshot);
  const { browserId } = session;
  const answer = await pair.parts.page.send({ definition, snapshot, browserId, request });
  pair.takeBrowserTime(pair.parts.page);
  const isKept = pair.commit(keepBrowser(pair.state, ref, answer.browserId));
  // The session was over before its page could be kept.
  const isOrphan = !isKept && answer.browserId !== null && !sessionAt(pair.state, ref);
  if (isOrphan && answer.browserId) await pair.parts.page.discard(answer.browserId);
  if (answer.kind === "answered" && answer.snapshot) {
    const after = answer.snapshot;
    const kept = await pair.jars.update(ref, (newest) => ({
      ...newest,
      storage: after.storage,
      cookies: mergeCookies(snapshot.cookies, after.cookies, newest.cookies),
    }));
    if (kept) renewPrediction(pair, portal, ref, kept);
  }
  return answer;
}

const NO_JAR: NoAnswer = { kind: "failed", reason: SESSION_GONE, sent: false };
