import type { Api, Query } from "./api.ts";
import { MAX_PAGE_SIZE } from "./constants.ts";
import type { Progress } from "./progress.ts";

/** The first `limit` items of a list, page by page; `more` says that there are others behind the page. */
export async function* pagesOf<T>(
  api: Api,
  path: string,
  query: Query,
  limit: number,
): AsyncGenerator<{ items: T[]; count: number; more: boolean }> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const size = Math.min(MAX_PAGE_SIZE, limit - count);
    const page = await api.page<T>(path, { ...query, limit: size, cursor });
    count += page.data.length;
    cursor = page.nextCursor ?? undefined;
    yield { items: page.data, count, more: cursor !== undefined };
  } while (cursor !== undefined && count < limit);
}

/** The first `limit` items of a list that is known to be short. */
export async function readPages<T>(
  api: Api,
  path: string,
  query: Query,
  limit: number,
  onPage: (count: number) => void = () => {},
): Promise<T[]> {
  const all: T[] = [];
  for await (const { items, count } of pagesOf<T>(api, path, query, limit)) {
    all.push(...items);
    onPage(count);
  }
  return all;
}

/** All of a list, with progress. */
export async function readAll<T>(
  api: Api,
  path: string,
  query: Query,
  progress: { on: Progress; text: (count: number) => string },
): Promise<T[]> {
  const items = await readPages<T>(api, path, query, Number.POSITIVE_INFINITY, (count) =>
    progress.on.show(progress.text(count), count),
  );
  progress.on.end();
  return items;
}
