import type { Page } from "../pagination.ts";
import type { Api, Query } from "./api.ts";
import { MAX_PAGE_SIZE } from "./constants.ts";
import type { Progress } from "./progress.ts";

/** The first `limit` items of a list, page by page; `more` says that there are others. */
export async function readPages<T>(
  api: Api,
  path: string,
  query: Query,
  limit: number,
  onPage: (count: number) => void = () => {},
): Promise<{ items: T[]; more: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const size = Math.min(MAX_PAGE_SIZE, limit - items.length);
    const page = await api.get<Page<T>>(path, { ...query, limit: size, cursor });
    items.push(...page.data);
    cursor = page.nextCursor ?? undefined;
    onPage(items.length);
  } while (cursor !== undefined && items.length < limit);
  return { items, more: cursor !== undefined };
}

/** All of a list, with progress. */
export async function readAll<T>(
  api: Api,
  path: string,
  query: Query,
  progress: { on: Progress; text: (count: number) => string },
): Promise<T[]> {
  const { items } = await readPages<T>(api, path, query, Number.POSITIVE_INFINITY, (count) =>
    progress.on.show(progress.text(count), count),
  );
  progress.on.end();
  return items;
}
