import { z } from "zod";
import type { Notice } from "../tail/index.ts";
import {
  API_TIMEOUT_MS,
  EXIT_FAILED,
  EXIT_NOT_AUTHORISED,
  MAX_SOURCE_PAGES,
  SOURCES_PER_PAGE,
} from "./tail-constants.ts";
import type { Api } from "./tail-deps.ts";

/** What matters here of a source, as the API shows it. */
const Source = z.object({
  slug: z.string(),
  url: z.url(),
  enabled: z.boolean(),
  requireSender: z.boolean(),
  dedup: z.object({ from: z.string() }).nullable(),
});
export type Source = z.infer<typeof Source>;

const Page = z.object({ data: z.array(Source), nextCursor: z.string().nullable() });

/** `retry`: it may help to ask again later. */
export type FoundSource =
  | { ok: true; source: Source; url: string }
  | { ok: false; retry: boolean; problem: Notice; exitCode: number };

/** Asks the API for a source by its slug. What goes wrong is data: a server that starts before its network waits. */
export async function findSource(
  api: Api,
  slug: string,
  signal: AbortSignal,
): Promise<FoundSource> {
  const origin = api.url.replace(/\/+$/, "");
  try {
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null && pages < MAX_SOURCE_PAGES; pages++) {
      const query = new URLSearchParams({
        limit: String(SOURCES_PER_PAGE),
        ...(cursor && { cursor }),
      });
      const response = await fetch(`${origin}/api/v1/sources?${query}`, {
        redirect: "manual",
        headers: { authorization: `Bearer ${api.key}` },
        signal: AbortSignal.any([signal, AbortSignal.timeout(API_TIMEOUT_MS)]),
      });
      if (!response.ok) return refusal(response.status, origin);
      const text = await response.text();
      const page = readPage(text);
      if (!page) return foreign(origin);
      const source = page.data.find((one) => one.slug === slug);
      if (source) return { ok: true, source, url: reachableUrl(source, origin) };
      cursor = page.nextCursor;
    }
  } catch (error) {
    return {
      ok: false,
      retry: true,
      problem: { code: "api_unreachable", origin, reason: reasonOf(error) },
      exitCode: EXIT_FAILED,
    };
  }
  const problem: Notice = { code: "source_unknown", slug };
  return { ok: false, retry: false, problem, exitCode: EXIT_FAILED };
}

function readPage(text: string): z.infer<typeof Page> | undefined {
  try {
    return Page.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function foreign(origin: string): FoundSource {
  const problem: Notice = { code: "api_foreign", origin };
  return { ok: false, retry: false, problem, exitCode: EXIT_FAILED };
}

function refusal(status: number, origin: string): FoundSource {
  const retry = status >= 500 || status === 429 || status === 408;
  if (status === 401 || status === 403) {
    const problem: Notice = { code: "api_unauthorised", origin, status };
    return { ok: false, retry, problem, exitCode: EXIT_NOT_AUTHORISED };
  }
  const problem: Notice = { code: "api_answered", origin, status };
  return { ok: false, retry, problem, exitCode: EXIT_FAILED };
}

/** Names below `localhost` are resolved by browsers and curl, not by every runtime; the app's host takes it too. */
function reachableUrl(source: Source, origin: string): string {
  const isLocalName = new URL(source.url).hostname.endsWith(".localhost");
  return isLocalName ? `${origin}/in/${source.slug}` : source.url;
}

function reasonOf(error: unknown): string {
  const { cause, name, message } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? (name === "TimeoutError" ? "no answer in time" : message);
}
