import { type Call, nextCall, requestHeaders } from "../portal-http/index.ts";
import type { Snapshot, StoredCookie } from "../session-pairs/index.ts";
import { MAX_REDIRECTS } from "./constants.ts";
import { readCookies, replaceCookies } from "./cookies.ts";
import { LoginFault } from "./fault.ts";
import { fetchInPage } from "./fetch-in-page.ts";
import { type Browsers, endTab, findTab, launchTab, letGo } from "./open-tab.ts";
import type { PageAnswer, PageBrowser } from "./page-browser.ts";
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
    const tab = await findTab(browsers, browserId, definition.origins).catch(() => null);
    try {
      if (tab) {
        await replaceCookies(tab, snapshot.cookies);
        return tab;
      }
    } catch {
      if (tab) await endTab(browsers, tab);
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

async function follow(tab: Tab, input: Input): Promise<PageAnswer> {
  const { definition, snapshot, request } = input;
  const end = Date.now() + request.timeoutMs;
  const failed = (
    reason: "origin_left" | "redirect_loop" | "connection_failed",
    sent: boolean,
  ): PageAnswer => ({
    kind: "failed",
    reason,
    sent,
    browserId: tab.id,
  });
  let call = firstCall(input);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const { method, headers, body } = call;
    const url = withoutFragment(call.url);
    if (!tab.isAllowed(url)) return failed("origin_left", hops > 0);
    if (await tab.isBarred(url)) return failed("connection_failed", hops > 0);
    const hop = await fetchInPage(tab, {
      method,
      url,
      headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
      body,
      timeoutMs: Math.max(1, end - Date.now()),
    });
    if (hop.kind === "redirected") {
      const next = nextCall(call, hop.status, hop.location);
      if (!next) return failed("origin_left", true);
      call = next;
      continue;
    }
    if (hop.kind === "failed") return { ...hop, sent: true, browserId: tab.id };
    const cookies = await readCookies(tab, definition.origins);
    return { ...hop, url, browserId: tab.id, snapshot: changed(snapshot, cookies) };
  }
  return failed("redirect_loop", true);
}

/** With the definition's headers; who asks is the browser's own to say. */
function firstCall({ definition, snapshot, request }: Input): Call {
  const headers = requestHeaders(definition, snapshot, request);
  return {
    method: request.method.toUpperCase(),
    url: new URL(request.url),
    headers: headers.filter(({ name }) => name !== "user-agent"),
    body: request.body,
  };
}

function withoutFragment({ href }: URL): string {
  return href.split("#", 1)[0] ?? href;
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
