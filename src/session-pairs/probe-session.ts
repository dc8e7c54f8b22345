import { PROBE_TIMEOUT_MS } from "./constants.ts";
import { keepCookies } from "./keep-cookies.ts";
import { expireSession, recordProbe, type SessionRef, sessionAt } from "./machine/roles.ts";
import type { Pair, UsablePortal } from "./pair.ts";
import { rulesOf } from "./rules-of.ts";
import type { Verdict } from "./verdict.ts";
import { withinOrigins } from "./within-origins.ts";

/**
 * Asks the site whether a session lives, and writes the verdict down. `suspected`: an answer has said already that it
 * does not, so that one more is enough; else two are needed.
 */
export async function probeSession(
  pair: Pair,
  portal: UsablePortal,
  ref: SessionRef,
  suspected = false,
): Promise<Verdict> {
  if (!sessionAt(pair.state, ref)) return "out";
  let verdict = await askSite(pair, portal, ref);
  if (verdict === "out" && !suspected) verdict = await askSite(pair, portal, ref);
  const rules = rulesOf(portal.definition);
  if (verdict === "out") {
    pair.commit(expireSession(pair.state, ref, suspected ? "answer" : "probe", rules, pair.now));
    return verdict;
  }
  const before = sessionAt(pair.state, ref);
  const change = recordProbe(pair.state, ref, verdict, rules, pair.now);
  // Every minute the same: that is not worth a row.
  const isNews = before?.lastVerdict !== verdict || before.isDoubted;
  if (change && !isNews) pair.remember(change);
  else pair.commit(change);
  return verdict;
}

/** The name under which a session's health request runs. */
export const askOf = ({ fence }: SessionRef): string => `ask:${fence}`;

/** One health request; everybody who asks at the same time shares it. */
function askSite(pair: Pair, portal: UsablePortal, ref: SessionRef): Promise<Verdict> {
  return pair.asks.run(askOf(ref), async () => {
    const { site } = pair.parts;
    const snapshot = await pair.jars.of(ref);
    // A jar that cannot be opened is no session.
    if (!snapshot) return "out";
    const definition = withinOrigins(portal.definition, snapshot);
    const request = site.healthRequest(definition, snapshot);
    const answer = await site.send({ definition, snapshot, request, timeoutMs: PROBE_TIMEOUT_MS });
    const verdict = site.judge(definition, answer);
    if (answer.kind === "answered" && verdict !== "out") {
      await keepCookies(pair, portal, ref, snapshot, answer.cookies);
    }
    if (verdict === "in") pair.seen.set(ref.fence, pair.now);
    return verdict;
  });
}
