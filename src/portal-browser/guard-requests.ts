import type { Browser } from "@cloudflare/puppeteer";

export type IsBarred = (url: string) => Promise<boolean>;

type Paused = {
  requestId: string;
  frameId: string;
  request: { url: string };
  resourceType: string;
};

export type Rules = {
  isBarred: IsBarred;
  /** What is done with a document of the page itself. */
  ofPage: (url: string) => "load" | "stand_in" | "stop";
  /** Its frame. */
  mainFrame: string;
};

/** An empty document instead of what the site has. */
const EMPTY = {
  responseCode: 200,
  responseHeaders: [{ name: "content-type", value: "text/html" }],
  body: btoa("<!doctype html><title>-</title>"),
};

/**
 * Lets nothing out of a browser that may not be called: documents and all they load, fetches of workers, pop-ups. It
 * asks the browser and not the page, which knows nothing of the last two. Chrome asks nobody about WebSockets: those of
 * documents are held to the portal's origins by a script (`KEEP_SOCKETS`).
 */
export async function guardRequests(browser: Browser, rules: Rules): Promise<void> {
  const cdp = await browser.target().createCDPSession();

  const decide = async (paused: Paused): Promise<void> => {
    const { requestId, request, resourceType } = paused;
    const isPage = paused.frameId === rules.mainFrame && resourceType === "Document";
    const what = isPage ? rules.ofPage(request.url) : "load";
    if (what === "stand_in") await cdp.send("Fetch.fulfillRequest", { requestId, ...EMPTY });
    else if (what === "stop" || (await isBarred(rules, request.url))) {
      await cdp.send("Fetch.failRequest", { requestId, errorReason: "BlockedByClient" });
    } else await cdp.send("Fetch.continueRequest", { requestId });
  };
  cdp.on("Fetch.requestPaused", (paused) => void decide(paused).catch(() => {}));
  await cdp.send("Fetch.enable", { patterns: [{ urlPattern: "*", requestStage: "Request" }] });
}

/** Names may lead elsewhere than when they were saved; what a page shows could stand in a picture. */
export async function isBarred(rules: Pick<Rules, "isBarred">, url: string): Promise<boolean> {
  return /^https?:/i.test(url) && rules.isBarred(url);
}
