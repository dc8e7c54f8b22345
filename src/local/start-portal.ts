import { PORTAL_DEMO } from "./constants.ts";
import { findItem } from "./find-item.ts";
import type { LocalApi } from "./local-api.ts";
import { happeningLine } from "./portal-lines.ts";
import type { Run } from "./session.ts";

/** Where the simulated portal is, and whose account it has. */
export type PortalDemo = { url: string; username: string };

type Portal = { id: string; baseUrl: string; enabled: boolean; credentials: unknown };

/**
 * Starts the simulated portal, whose codes come to this session as a phone sends them, and makes what is missing of a
 * portal with its account. Its sessions start by themselves then.
 */
export async function startPortal(run: Run, api: LocalApi): Promise<PortalDemo> {
  const { settings, say, printActivity, cleanups } = run;
  // Tests have it too; a session without it needs nothing of it.
  const { ACCOUNT, startPortalSite } = await import("../../test/portal-site/index.ts");
  const site = await startPortalSite({
    settings: { sms: { app: settings.origin, tries: 5 } },
    onHappening: (happening) => {
      const line = happeningLine(happening, say);
      if (line !== undefined) printActivity(line);
    },
  });
  cleanups.push(() => site.close());
  const { username, password, phone } = ACCOUNT;
  const portal = await findOrCreatePortal(api, site.url);
  const path = `/portals/${portal.id}`;
  // It takes another port with each start, and an account belongs to its origin.
  const hasMoved = portal.baseUrl !== site.url;
  if (hasMoved) await api.patch(path, { baseUrl: site.url, enabled: false });
  if (hasMoved || !portal.credentials) {
    await api.put(`${path}/credentials`, { username, password, phone });
  }
  // Its sessions begin when all is there.
  if (hasMoved || !portal.enabled) await api.patch(path, { enabled: true });
  return { url: site.url, username };
}

async function findOrCreatePortal(api: LocalApi, baseUrl: string): Promise<Portal> {
  const { name, definition } = PORTAL_DEMO;
  const found = await findItem<Portal & { name: string; definition: string }>(
    api,
    "/portals",
    (portal) => portal.name === name && portal.definition === definition,
  );
  return found ?? api.post("/portals", { name, definition, baseUrl, enabled: false });
}
