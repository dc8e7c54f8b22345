import type { Context } from "../context.ts";
import { type Page, type PageQuery, readCursor, toPage } from "../pagination.ts";
import { selectSources } from "./load-sources.ts";
import type { Source } from "./schemas.ts";
import { toSource } from "./to-source.ts";

/** The organization's sources, newest first. */
export async function listSources(ctx: Context, query: PageQuery): Promise<Page<Source>> {
  const rows = await selectSources(ctx, readCursor("source", query.cursor), query.limit + 1);
  const page = toPage(rows, query.limit);
  return { ...page, data: await Promise.all(page.data.map((row) => toSource(ctx.settings, row))) };
}
