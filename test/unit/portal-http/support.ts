import { PortalDefinition } from "../../../src/portals/schemas.ts";
import type { Snapshot, StoredCookie } from "../../../src/session-pairs/index.ts";

export const NOW = Date.UTC(2026, 10, 21, 12);

/** A resolved definition of `https://partner.example.com`, changed as asked. */
export function definitionWith(changes: Record<string, unknown> = {}): PortalDefinition {
  return PortalDefinition.parse({
    origins: ["https://partner.example.com", "https://api.example.com"],
    login: {
      steps: [{ do: "goto", url: "https://partner.example.com/login" }],
      success: { url: "/home" },
      form: { selector: "#password" },
    },
    health: { url: "https://partner.example.com/api/me" },
    verdicts: { in: [{ status: [200] }], out: [{ status: [401] }] },
    ...changes,
  });
}

export function cookieWith(changes: Partial<StoredCookie>): StoredCookie {
  return {
    name: "sid",
    value: "1",
    domain: "partner.example.com",
    path: "/",
    expires: null,
    httpOnly: true,
    secure: true,
    sameSite: null,
    ...changes,
  };
}

export function snapshotWith(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    cookies: [cookieWith({})],
    storage: [],
    userAgent: "Mozilla/5.0 (Test)",
    viewport: { width: 1280, height: 800 },
    values: {},
    takenAt: NOW,
    ...changes,
  };
}
