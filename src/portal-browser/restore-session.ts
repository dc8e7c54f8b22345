import type { PortalDefinition } from "../portals/schemas.ts";
import type { Snapshot } from "../session-pairs/index.ts";
import { writeCookies } from "./cookies.ts";
import { WRITE_STORAGE } from "./page-scripts.ts";
import type { Tab } from "./tab.ts";

/** Brings along the cookies by which the site knows a device; nothing else of its last session. */
export async function restoreDevice(
  tab: Tab,
  definition: PortalDefinition,
  device: Snapshot | null,
): Promise<void> {
  const names = definition.session.deviceCookies;
  await writeCookies(tab, device?.cookies.filter(({ name }) => names.includes(name)) ?? []);
}

/** Makes a new browser one that is logged in, without asking the site for anything. */
export async function restoreSession(tab: Tab, snapshot: Snapshot): Promise<void> {
  await tab.page.setUserAgent(snapshot.userAgent);
  await writeCookies(tab, snapshot.cookies);
  for (const { origin, local, session } of snapshot.storage) {
    if (!tab.isAllowed(origin)) continue;
    await tab.standIn(origin);
    await tab.call(WRITE_STORAGE, local, session);
  }
}
