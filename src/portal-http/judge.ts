import { matchesUrl } from "../portals/index.ts";
import type { Looks, PortalDefinition } from "../portals/schemas.ts";
import type { Verdict } from "../session-pairs/index.ts";
import { bodyText } from "./body-text.ts";

/** What either transport gives: an answer, or none. */
export type Judged =
  | {
      kind: "answered";
      status: number;
      headers: [string, string][];
      body: Uint8Array;
      url: string;
    }
  | { kind: "failed" };

type Rules = Pick<PortalDefinition, "verdicts">;

/**
 * What the answer of the health request says of its session: `out` rules first, then `in`. A site in trouble (5xx), one
 * that asks to come later (408, 429) and no answer at all say nothing, whatever the rules.
 */
export function judge({ verdicts }: Rules, answer: Judged): Verdict {
  if (answer.kind === "failed" || saysNothing(answer.status)) return "inconclusive";
  const fits = looker(answer);
  if (verdicts.out.some(fits)) return "out";
  return verdicts.in.some(fits) ? "in" : "inconclusive";
}

/** True when the answer of an ordinary request fits an `out` rule; it may still be the page's own. */
export function matchesOut({ verdicts }: Rules, answer: Judged): boolean {
  if (answer.kind === "failed" || saysNothing(answer.status)) return false;
  return verdicts.out.some(looker(answer));
}

function saysNothing(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}

/** The body is decoded once, and only for a rule that asks for it. */
function looker(answer: Extract<Judged, { kind: "answered" }>): (looks: Looks) => boolean {
  let decoded: string | undefined;
  const text = () => (decoded ??= bodyText(answer.headers, answer.body));
  return ({ status, url, bodyContains, bodyLacks }) =>
    (status === undefined || status.includes(answer.status)) &&
    (url === undefined || matchesUrl(url, answer.url)) &&
    (bodyContains === undefined || text().includes(bodyContains)) &&
    (bodyLacks === undefined || !text().includes(bodyLacks));
}
