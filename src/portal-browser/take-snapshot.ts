import type { PortalDefinition } from "../portals/schemas.ts";
import type { Snapshot, StoredCookie } from "../session-pairs/index.ts";
import {
  MAX_SNAPSHOT_BYTES,
  SHORT_DEADLINE_MS,
  VALUES_DEADLINE_MS,
  VIEWPORT,
} from "./constants.ts";
import { readCookies } from "./cookies.ts";
import { until } from "./deadline.ts";
import { LoginFault } from "./fault.ts";
import { READ_STORAGE, READ_VALUES } from "./page-scripts.ts";
import type { Tab } from "./tab.ts";

type Storage = Snapshot["storage"][number];

/**
 * What makes the session that a page is logged in to. The page is not the same afterwards. Throws `LoginFault`
 * `value_missing` or `snapshot_too_large`, or what has happened to the browser.
 */
export async function takeSnapshot(tab: Tab, definition: PortalDefinition): Promise<Snapshot> {
  const { origins } = definition;
  const values = await readValues(tab, definition);
  const here = URL.parse(tab.page.url())?.origin;
  const storage: Storage[] = [];
  // The page's own origin first: an empty document of another one takes its place.
  for (const origin of origins.toSorted((a, b) => Number(b === here) - Number(a === here))) {
    if (origin !== here) await tab.standIn(origin);
    storage.push(await readStorage(tab, origin));
  }
  const snapshot: Snapshot = {
    cookies: await readCookies(tab, origins),
    storage: storage.filter(({ local, session }) => local.length + session.length > 0),
    userAgent: await tab.browser.userAgent(),
    viewport: VIEWPORT,
    values,
    takenAt: Date.now(),
  };
  assertFits(snapshot);
  return snapshot;
}

/** Throws `LoginFault` for a snapshot that is larger than its row may be. */
export function assertFits(snapshot: Snapshot): void {
  const { length } = new TextEncoder().encode(JSON.stringify(snapshot));
  if (length > MAX_SNAPSHOT_BYTES) throw new LoginFault("snapshot_too_large");
}

async function readStorage(tab: Tab, origin: string): Promise<Storage> {
  const read = await until(SHORT_DEADLINE_MS, async () => {
    const found = await tab.call<Omit<Storage, "origin"> | "none">(
      `(max) => (${READ_STORAGE})(max) ?? "none"`,
      MAX_SNAPSHOT_BYTES,
    );
    return found;
  });
  if (read === null) throw new LoginFault("page_hung");
  if (read === "none") throw new LoginFault("snapshot_too_large");
  return { origin, ...read };
}

/** A page may put its values in place some time after it is shown. */
async function readValues(tab: Tab, definition: PortalDefinition): Promise<Record<string, string>> {
  const wanted = Object.entries(definition.values);
  if (wanted.length === 0) return {};
  const ms = Math.min(VALUES_DEADLINE_MS, definition.stepTimeoutMs);
  const found = await until(ms, async () => {
    const sources = wanted.map(([, source]) => source);
    const inPage = await tab.call<(string | null)[]>(READ_VALUES, sources);
    const cookies = await readCookies(tab, definition.origins);
    const texts = sources.map((source, index) =>
      source.from === "cookie" ? cookieValue(cookies, source.name) : inPage?.[index],
    );
    return texts.every((text) => typeof text === "string" && text !== "")
      ? (texts as string[])
      : null;
  });
  if (!found) throw new LoginFault("value_missing");
  return Object.fromEntries(wanted.map(([name], index) => [name, found[index] ?? ""]));
}

function cookieValue(cookies: readonly StoredCookie[], name: string): string | undefined {
  return cookies.find((cookie) => cookie.name === name)?.value;
}
