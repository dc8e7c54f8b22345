import { and, asc, eq, gt, gte, like, notExists, or, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { healthChecks } from "../db/schema/control.ts";
import { portals } from "../db/schema/portals.ts";
import { type Finding, knownChecks, reportFindings } from "../health/index.ts";
import { log } from "../log.ts";
import type { PairStatus } from "../session-pairs/index.ts";
import { PAIRS_AT_ONCE, STOPPED_WINDOW_MS, TICK_PAGE, TICK_TIMEOUT_MS } from "./constants.ts";
import { judgePortal, PORTAL_CHECK } from "./judge-portal.ts";

type Ticking = Pick<Deps, "db" | "pairs">;
type Ticked = Awaited<ReturnType<typeof readPage>>[number];
type Looked = { portal: Ticked; status: PairStatus | null };

/**
 * Looks at every enabled portal's pair, so that one whose alarm was lost goes on, and at those that were disabled of
 * late: a pair stops when it sees that it should not run. What a person has to look at becomes an alert. One that cannot be reached stops
 * no other.
 */
export async function tickPortals(deps: Ticking): Promise<Record<string, number>> {
  const report = { ticked: 0, stopped: 0, unreachable: 0, failing: 0, changed: 0 };
  const known = await knownChecks(deps, PORTAL_CHECK);
  for (let after = ""; ; ) {
    const page = await readPage(deps, after);
    const findings: Finding[] = [];
    for (const { portal, status } of await tickAll(deps, page)) {
      if (!status) report.unreachable += 1;
      else if (!portal.enabled) report.stopped += 1;
      else {
        report.ticked += 1;
        findings.push(judgePortal(portal, status, known.get(PORTAL_CHECK + portal.id)));
      }
    }
    report.failing += findings.filter(({ state }) => state === "failing").length;
    report.changed += await reportFindings(deps, findings, known);
    if (page.length < TICK_PAGE) break;
    after = page.at(-1)?.id ?? "";
  }
  await forgetUnkept(deps);
  return report;
}

function readPage({ db }: Ticking, after: string) {
  const { id, organizationId, name, enabled } = portals;
  return db
    .select({ id, organizationId, name, enabled })
    .from(portals)
    .where(
      and(
        gt(id, after),
        or(eq(enabled, true), gte(portals.updatedAt, Date.now() - STOPPED_WINDOW_MS)),
      ),
    )
    .orderBy(asc(id))
    .limit(TICK_PAGE);
}

async function tickAll(deps: Ticking, page: readonly Ticked[]): Promise<Looked[]> {
  const looked: Looked[] = [];
  for (let i = 0; i < page.length; i += PAIRS_AT_ONCE) {
    const some = page.slice(i, i + PAIRS_AT_ONCE);
    looked.push(...(await Promise.all(some.map((portal) => tickOne(deps, portal)))));
  }
  return looked;
}

/** Null when the pair fails or is late. */
async function tickOne({ pairs }: Ticking, portal: Ticked): Promise<Looked> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer in time")), TICK_TIMEOUT_MS);
  try {
    const status = await Promise.race([pairs.getByName(portal.id).tick(), late.promise]);
    return { portal, status };
  } catch (error) {
    log.error("portal_not_ticked", { portalId: portal.id, error });
    return { portal, status: null };
  } finally {
    clearTimeout(timer);
  }
}

/** A portal that is deleted or disabled is no news. Raw, for the id within the name. */
async function forgetUnkept({ db }: Ticking): Promise<void> {
  const id = sql`substr(${healthChecks.name}, ${PORTAL_CHECK.length + 1})`;
  const kept = db
    .select({ one: sql`1` })
    .from(portals)
    .where(and(sql`${portals.id} = ${id}`, eq(portals.enabled, true)));
  await db
    .delete(healthChecks)
    .where(and(like(healthChecks.name, `${PORTAL_CHECK}%`), notExists(kept)));
}
