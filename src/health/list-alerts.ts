import { and, desc, eq, lt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { alertSettings, alerts } from "../db/schema/control.ts";
import { type PageQuery, readCursor, toPage } from "../pagination.ts";
import { toRfc3339 } from "../time.ts";
import type { AlertRow } from "./finding.ts";
import type { Alert, Alerts } from "./schemas.ts";

/** Where the organization's alerts go, and its alerts, newest first. */
export async function listAlerts(ctx: Context, query: PageQuery): Promise<Alerts> {
  const before = readCursor("alert", query.cursor);
  const rows = await ctx.db
    .select()
    .from(alerts)
    .where(
      and(
        eq(alerts.organizationId, ctx.organizationId),
        before === undefined ? undefined : lt(alerts.id, before),
      ),
    )
    .orderBy(desc(alerts.id))
    .limit(query.limit + 1);
  const chosen = await ctx.db
    .select({ destinationId: alertSettings.destinationId })
    .from(alertSettings)
    .where(eq(alertSettings.organizationId, ctx.organizationId))
    .get();
  const page = toPage(rows, query.limit);
  return {
    ...page,
    data: page.data.map((row) => toAlert(ctx.settings.appUrl, row)),
    destinationId: chosen?.destinationId ?? null,
  };
}

function toAlert(appUrl: string, row: AlertRow): Alert {
  const { id, kind, check, summary, status, reason } = row;
  return {
    id,
    kind,
    check,
    summary,
    link: appUrl + row.link,
    status,
    reason,
    attemptCount: row.attempt,
    createdAt: toRfc3339(row.createdAt),
    sentAt: row.sentAt === null ? null : toRfc3339(row.sentAt),
  };
}
