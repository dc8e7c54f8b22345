import type { CDPSession } from "@cloudflare/puppeteer";
import { MAX_PAGE_BODY_BYTES, PIECE_BYTES, SHORT_DEADLINE_MS } from "./constants.ts";
import { within } from "./deadline.ts";
import { LoginFault } from "./fault.ts";
import type { PageRequest } from "./page-browser.ts";
import { FETCH, READ_PIECE } from "./page-scripts.ts";
import type { Tab } from "./tab.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** One request and what came of it, redirects not followed. */
export type Hop =
  | { kind: "answered"; status: number; headers: [string, string][]; body: Bytes }
  | { kind: "redirected"; status: number; location: string }
  | { kind: "failed"; reason: "timeout" | "connection_failed" | "too_large" };

type Paused = {
  requestId: string;
  responseStatusCode?: number;
  responseHeaders?: { name: string; value: string }[];
};
type InPage =
  | { kind: "answered"; status: number; headers: [string, string][]; size: number }
  | { kind: "timeout" | "failed" | "too_large" };

/** They tell how the body came, and the page has taken it apart. */
const TRANSFER_HEADERS = ["content-encoding", "content-length", "transfer-encoding"];

/**
 * Fetches from an empty document of the request's own origin, so that the site's cookies go along and no other origin's
 * rules apply. Throws `LoginFault` when the page or the browser is gone.
 */
export async function fetchInPage(tab: Tab, request: PageRequest): Promise<Hop> {
  const { origin } = new URL(request.url);
  if (URL.parse(tab.page.url())?.origin !== origin) await tab.standIn(origin);
  const cdp = await tab.page.createCDPSession();
  try {
    const redirect = await catchRedirect(cdp);
    const call = `(${FETCH})(${[
      request.url,
      initOf(request),
      MAX_PAGE_BODY_BYTES,
      request.timeoutMs,
    ]
      .map((arg) => JSON.stringify(arg))
      .join(",")})`;
    const fetching = tab.page.evaluate(call) as Promise<InPage>;
    const answer = await within(request.timeoutMs + SHORT_DEADLINE_MS, "page_hung", fetching);
    const found = redirect();
    if (found) return { kind: "redirected", ...found };
    if (answer.kind === "failed") return { kind: "failed", reason: "connection_failed" };
    if (answer.kind !== "answered") return { kind: "failed", reason: answer.kind };
    const { status, headers, size } = answer;
    return {
      kind: "answered",
      status,
      headers: headers.filter(([name]) => !TRANSFER_HEADERS.includes(name)),
      body: await readBody(tab, size),
    };
  } finally {
    await within(SHORT_DEADLINE_MS, "page_hung", cdp.detach()).catch(() => {});
  }
}

/** A page is told nothing of where a redirect leads, and would follow it anywhere: it is stopped before. */
async function catchRedirect(cdp: CDPSession) {
  let found: { status: number; location: string } | null = null;
  const decide = async ({ requestId, responseStatusCode = 0, responseHeaders = [] }: Paused) => {
    const location = responseHeaders.find(({ name }) => name.toLowerCase() === "location")?.value;
    if (responseStatusCode < 300 || responseStatusCode > 399 || !location) {
      await cdp.send("Fetch.continueRequest", { requestId });
      return;
    }
    found = { status: responseStatusCode, location };
    await cdp.send("Fetch.failRequest", { requestId, errorReason: "Aborted" });
  };
  cdp.on("Fetch.requestPaused", (paused) => void decide(paused).catch(() => {}));
  await cdp.send("Fetch.enable", {
    patterns: [{ urlPattern: "*", resourceType: "Fetch", requestStage: "Response" }],
  });
  return () => found;
}

function initOf({ method, headers, body }: PageRequest) {
  const hasBody = body !== null && method !== "GET" && method !== "HEAD";
  return { method, headers, bodyBase64: hasBody ? toBase64(body) : null };
}

/** In pieces: one message would be too large for a long body. */
async function readBody(tab: Tab, size: number): Promise<Bytes> {
  const body = new Uint8Array(size);
  for (let from = 0; from < size; from += PIECE_BYTES) {
    const piece = await tab.call<string>(READ_PIECE, from, Math.min(size, from + PIECE_BYTES));
    if (piece === null) throw new LoginFault("page_hung");
    body.set(fromBase64(piece), from);
  }
  return body;
}

function toBase64(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function fromBase64(text: string): Bytes {
  return new Uint8Array(Buffer.from(text, "base64"));
}
