import { and, asc, eq, gt, gte, like, lte, notExists, or, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { healthChecks, settings } from "../db/schema/control.ts";
import { portals } from "../db/schema/portals.ts";
import { type Finding, knownChecks, reportFindings } from "../health/index.ts";
import { log } from "../log.ts";
import type { PairStatus } from "../session-pairs/index.ts";
import { PAIRS_AT_ONCE, STOPPED_WINDOW_MS, TICK_LIMITS, TICK_PAGE } from "./constants.ts";
import { judgePortal, PORTAL_CHECK } from "./judge-portal.ts";

type Ticking = Pick<Deps, "db" | "pairs">;
type Ticked = Awaited<ReturnType<typeof readPage>>[number];
type Looked = { portal: Ticked; status: PairStatus | null };

/** In `settings`: the portal that the last run came to, when it came to no end. */
const STOPPED_AT = "portals_ticked_to";

/**
 * Looks at every enabled portal's pair, so that one whose alarm was lost goes on, and at those that were disabled of
 * late: a pair stops when it sees that it should not run. What a person has to look at becomes an alert. One that cannot
 * be reached stops no other. What does not fit into the time is looked at first by the next run.
 */
export async function tickPortals(
  deps: Ticking,
  _env?: unknown,
  limits = TICK_LIMITS,
): Promise<Record<string, number>> {
  const report = { ticked: 0, stopped: 0, unreachable: 0, failing: 0, changed: 0 };
  const end = Date.now() + limits.allMs;
  const known = await knownChecks(deps, PORTAL_CHECK);
  const begin = await readStart(deps);
  let reached: string | null = null;
  for await (const some of groupsFrom(deps, begin)) {
    const left = end - Date.now();
    if (left <= 0) {
      await writeStart(deps, reached ?? begin);
      return report;
    }
    const looked = await Promise.all(
      some.map((portal) => tickOne(deps, portal, Math.min(limits.oneMs, left))),
    );
    const findings = looked.flatMap(({ portal, status }): Finding[] => {
      if (!status || !portal.enabled) return [];
      return [judgePortal(portal, status, known.get(PORTAL_CHECK + portal.id))];
    });
    const answered = looked.filter(({ status }) => status);
    report.unreachable += looked.length - answered.length;
    report.ticked += findings.length;
    report.stopped += answered.length - findings.length;
    report.failing += findings.filter(({ state }) => state === "failing").length;
    report.changed += await reportFindings(deps, findings, known);
    reached = some.at(-1)?.id ?? reached;
  }
  if (begin !== "") await writeStart(deps, "");
  await forgetUnkept(deps);
  return report;
}

/** All portals, `PAIRS_AT_ONCE` at a time: those behind `begin`, and then those before. */
async function* groupsFrom(deps: Ticking, begin: string): AsyncGenerator<Ticked[]> {
  const rounds =
    begin === ""
      ? [{ after: "", to: null }]
      : [
          { after: begin, to: null },
          { after: "", to: begin },
        ];
  for (const { after, to } of rounds) {
    for (let from = after; ; ) {
      const page = await readPage(deps, from, to);
      for (let i = 0; i < page.length; i += PAIRS_AT_ONCE) yield page.slice(i, i + PAIRS_AT_ONCE);
      if (page.length < TICK_PAGE) break;
      from = page.at(-1)?.id ?? "";
    }
  }
}

function readPage({ db }: Ticking, after: string, to: string | null) {
  const { id, organizationId, name, enabled } = portals;
  return db
    .select({ id, organizationId, name, enabled })
    .from(portals)
    .where(
      and(
        gt(id, after),
        to === null ? undefined : lte(id, to),
        or(eq(enabled, true), gte(portals.updatedAt, Date.now() - STOPPED_WINDOW_MS)),
      ),
    )
    .orderBy(asc(id))
    .limit(TICK_PAGE);
}

async function readStart({ db }: Ticking): Promise<string> {
  const row = await db.select().from(settings).where(eq(settings.name, STOPPED_AT)).get();
  return row?.value ?? "";
}

async function writeStart({ db }: Ticking, value: string): Promise<void> {
  await db
    .insert(settings)
    .values({ name: STOPPED_AT, value })
    .onConflictDoUpdate({ target: settings.name, set: { value } });
}

/** Null when the pair fails or is late. */
async function tickOne({ pairs }: Ticking, portal: Ticked, ms: number): Promise<Looked> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer in time")), ms);
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
