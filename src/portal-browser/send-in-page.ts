import { filledHeaders, valuesOf } from "../portal-http/index.ts";
import type { Snapshot, StoredCookie } from "../session-pairs/index.ts";
import { MAX_REDIRECTS } from "./constants.ts";
import { readCookies, replaceCookies } from "./cookies.ts";
import { LoginFault } from "./fault.ts";
import { fetchInPage, type Hop } from "./fetch-in-page.ts";
import { type Browsers, closeBrowser, endTab, findTab, launchTab, letGo } from "./open-tab.ts";
import type { PageAnswer, PageBrowser, PageRequest } from "./page-browser.ts";
import { restoreSession } from "./restore-session.ts";
import type { Tab } from "./tab.ts";

type Input = Parameters<PageBrowser["send"]>[0];

/** Sends a request from inside a page of the site, following redirects within the allowed origins. */
export async function sendInPage(browsers: Browsers, input: Input): Promise<PageAnswer> {
  let tab: Tab;
  try {
    tab = await openSession(browsers, input);
  } catch {
    return { kind: "failed", reason: "browser_unavailable", sent: false, browserId: null };
  }
  try {
    const answer = await follow(tab, input);
    await letGo(tab);
    return answer;
  } catch (error) {
    // The page did not take part: what it does next is not known, so it does nothing more.
    await endTab(browsers, tab);
    const late = error instanceof LoginFault && error.reason === "page_hung";
    return {
      kind: "failed",
      reason: late ? "timeout" : "connection_failed",
      sent: true,
      browserId: null,
    };
  }
}

/** The known browser with the newest cookies, or a new one with the whole session. */
async function openSession(browsers: Browsers, input: Input): Promise<Tab> {
  const { definition, snapshot, browserId } = input;
  if (browserId !== null) {
    try {
      const tab = await findTab(browsers, browserId, definition.origins);
      await replaceCookies(tab, snapshot.cookies);
      return tab;
    } catch {
      await closeBrowser(browsers, browserId);
    }
  }
  const tab = await launchTab(browsers, definition.origins);
  try {
    await restoreSession(tab, snapshot);
    return tab;
  } catch (error) {
    await endTab(browsers, tab);
    throw error;
  }
}

async function follow(tab: Tab, { definition, snapshot, request }: Input): Promise<PageAnswer> {
  const end = Date.now() + request.timeoutMs;
  const failed = (reason: "origin_left" | "redirect_loop", sent: boolean): PageAnswer => ({
    kind: "failed",
    reason,
    sent,
    browserId: tab.id,
  });
  const own = filledHeaders(definition.headers, valuesOf(definition, snapshot));
  let next: PageRequest = { ...request, headers: { ...own, ...request.headers } };
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    if (!tab.isAllowed(next.url)) return failed("origin_left", hops > 0);
    const hop = await fetchInPage(tab, { ...next, timeoutMs: Math.max(1, end - Date.now()) });
    if (hop.kind === "redirected") {
      next = redirected(next, hop);
      continue;
    }
    if (hop.kind === "failed") return { ...hop, sent: true, browserId: tab.id };
    const cookies = await readCookies(tab, definition.origins);
    return { ...hop, url: next.url, browserId: tab.id, snapshot: changed(snapshot, cookies) };
  }
  return failed("redirect_loop", true);
}

/** As browsers do it: 303, and 301 and 302 after a POST, become a GET. */
function redirected(request: PageRequest, hop: Hop & { kind: "redirected" }): PageRequest {
  const url = URL.parse(hop.location, request.url)?.href ?? "";
  const { status } = hop;
  const becomesGet =
    (status === 303 && request.method !== "HEAD") ||
    ((status === 301 || status === 302) && request.method === "POST");
  if (!becomesGet) return { ...request, url };
  const headers = Object.entries(request.headers).filter(([name]) => !name.startsWith("content-"));
  return { ...request, url, method: "GET", body: null, headers: Object.fromEntries(headers) };
}

function changed(snapshot: Snapshot, cookies: StoredCookie[]): Snapshot | null {
  if (keyOf(cookies) === keyOf(snapshot.cookies)) return null;
  return { ...snapshot, cookies, takenAt: Date.now() };
}

/** The same text for the same cookies; a browser keeps times less exactly than it was told them. */
function keyOf(cookies: readonly StoredCookie[]): string {
  const lines = cookies.map(({ name, value, domain, path, expires, partitionKey }) =>
    JSON.stringify([name, value, domain, path, expires && Math.round(expires), partitionKey]),
  );
  return lines.toSorted().join("\n");
}
