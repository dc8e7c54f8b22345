import type { PortalDefinition } from "../portals/schemas.ts";
import type { Reason } from "../session-pairs/index.ts";
import { until } from "./deadline.ts";
import { type Sight, see } from "./see.ts";
import type { Tab } from "./tab.ts";

/** Where a login stands once everything was typed that there is. */
export type Stand =
  | { kind: "in" }
  | { kind: "code" }
  | { kind: "code_rejected" }
  | { kind: "failed"; reason: Reason };

export type Typed = {
  what: "credentials" | "code" | "nothing";
  /** Of the last thing that was done to the form, ms UTC. */
  at: number;
  /** The refusal of an earlier code that the page showed already. */
  stale: Reason | null;
};

/** Looks at the page until it shows how the site has taken what was typed. */
export async function classify(
  tab: Tab,
  definition: PortalDefinition,
  typed: Typed,
  ms = definition.stepTimeoutMs,
): Promise<Stand> {
  let last: Sight | null = null;
  const stand = await until(ms, async () => {
    last = await see(tab, definition);
    return last && decide(tab, last, typed);
  });
  return stand ?? giveUp(tab, last, typed);
}

/** Null: it may still change. */
export function decide(tab: Tab, sight: Sight, typed: Typed): Stand | null {
  if (sight.kind === "in") return { kind: "in" };
  if (sight.kind === "refused") {
    if (sight.reason === typed.stale && !tab.traffic.restsSince(typed.at)) return null;
    const again = sight.reason === "code_rejected" && sight.codeAsked;
    return again ? { kind: "code_rejected" } : { kind: "failed", reason: sight.reason };
  }
  // The form that a code was typed into stays for a while.
  if (sight.kind === "code" && typed.what !== "code") return { kind: "code" };
  const trouble =
    sight.kind === "nothing" && !tab.traffic.waits ? tab.traffic.documentTrouble : null;
  return trouble ? { kind: "failed", reason: trouble } : null;
}

/** What it means that the page shows nothing new. */
function giveUp(tab: Tab, sight: Sight | null, { what, at }: Typed): Stand {
  const failed = (reason: Reason): Stand => ({ kind: "failed", reason });
  const trouble = tab.traffic.trouble(at);
  if (trouble) return failed(trouble);
  if (sight === null || tab.traffic.waits) return failed("page_hung");
  if (sight.kind === "refused") return failed("page_hung");
  if (sight.kind === "nothing") return failed(sight.loading ? "page_hung" : "not_logged_in");
  if (!tab.traffic.answeredSince(at)) return failed("page_hung");
  if (sight.kind === "code" && what === "code") return { kind: "code_rejected" };
  return failed("not_logged_in");
}

/**
 * What stands behind a step that could not be done: a page that is something else, a site that is ill, or a form that
 * has changed.
 */
export async function explainStuck(
  tab: Tab,
  definition: PortalDefinition,
  typed: Typed,
  element: boolean,
): Promise<Stand> {
  const sight = await see(tab, definition);
  const stand = sight && decide(tab, sight, typed);
  // A code that is asked before anything was typed is another form than the definition knows.
  if (stand && (stand.kind !== "code" || typed.what !== "nothing")) return stand;
  const trouble = tab.traffic.trouble(typed.at);
  if (trouble) return { kind: "failed", reason: trouble };
  const hung =
    sight === null || tab.traffic.waits || (sight.kind === "nothing" && sight.loading) || !element;
  return { kind: "failed", reason: hung ? "page_hung" : "form_changed" };
}
