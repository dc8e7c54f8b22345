import { matchesUrl } from "../portals/index.ts";
import type { Marker, PortalDefinition } from "../portals/schemas.ts";
import type { Reason } from "../session-pairs/index.ts";
import { SEE } from "./page-scripts.ts";
import type { Tab } from "./tab.ts";

/** What a page shows of a login. */
export type Sight =
  | { kind: "in" }
  | { kind: "refused"; reason: Reason; codeAsked: boolean }
  | { kind: "code" }
  | { kind: "form" }
  | { kind: "nothing"; loading: boolean };

type Seen = { selectors: boolean[]; texts: boolean[]; loading: boolean };

/**
 * Looks at the page once: success before the refusals in their order, these before the code's form and the login's.
 * Null while the page is just becoming another one.
 */
export async function see(tab: Tab, { login }: PortalDefinition): Promise<Sight | null> {
  const asked = login.code?.asked;
  const markers = [
    login.success,
    login.form,
    ...(asked ? [asked] : []),
    ...login.refusals.map(({ when }) => when),
  ];
  const seen = await tab.call<Seen>(
    SEE,
    markers.map(({ selector }) => selector ?? null),
    markers.map(({ text }) => text ?? null),
  );
  if (!seen) return null;
  const shown = markers.map((marker, index) => isShown(marker, index, seen, tab));
  const [isIn, isForm, ...others] = shown;
  const isAsked = asked ? others.shift() === true : false;
  if (isIn) return { kind: "in" };
  const refusal = login.refusals[others.indexOf(true)];
  if (refusal) return { kind: "refused", reason: refusal.reason, codeAsked: isAsked };
  if (isAsked) return { kind: "code" };
  return isForm ? { kind: "form" } : { kind: "nothing", loading: seen.loading };
}

/** All that a marker gives must hold. What `alert` has said counts as text of the page. */
function isShown(marker: Marker, index: number, seen: Seen, tab: Tab): boolean {
  const { selector, url, text } = marker;
  if (selector !== undefined && !seen.selectors[index]) return false;
  if (url !== undefined && !matchesUrl(url, tab.page.url())) return false;
  if (text === undefined) return true;
  return seen.texts[index] === true || tab.dialogs.some((said) => said.includes(text));
}
