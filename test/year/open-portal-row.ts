import { env } from "cloudflare:workers";
import { readSettings } from "../../src/context.ts";
import { openControl } from "../../src/db/client.ts";
import { organizations } from "../../src/db/schema/control.ts";
import { portalDefinitions, portals } from "../../src/db/schema/portals.ts";
import { sealCredentials } from "../../src/portals/credentials.ts";
import { SHIPPED_DEFINITIONS } from "../../src/portals/shipped/index.ts";

export const PHONE = "01055550100";
export const ORGANIZATION = "org_year";

/** A portal of the site, as the API leaves it: the shipped definition, which probes each hour. */
export async function insertPortal(id: string, baseUrl: string): Promise<void> {
  const bindings = env as unknown as BrowserEnv;
  const db = openControl(bindings.DB);
  const shipped = SHIPPED_DEFINITIONS.simulated;
  if (!shipped) throw new Error("no definition");
  const definition = { ...shipped, health: { ...shipped.health, everySeconds: 3_600 } };
  const at = { createdAt: 1, updatedAt: 1 };
  const organizationId = ORGANIZATION;
  const name = `year-${id}`;
  await db
    .insert(organizations)
    .values({ id: organizationId, name: "Year", createdAt: 1 })
    .onConflictDoNothing();
  await db.insert(portalDefinitions).values({ organizationId, name, definition, ...at });
  const credentials = {
    username: "partner-demo",
    password: "correct-horse-7",
    phone: "010-5555-0100",
  };
  await db.insert(portals).values({
    id,
    organizationId,
    name,
    definition: name,
    baseUrl,
    enabled: true,
    onDeploy: "keep",
    isDefault: false,
    credentials: await sealCredentials(readSettings(bindings), id, credentials, [baseUrl]),
    phone: PHONE,
    ...at,
  });
}
