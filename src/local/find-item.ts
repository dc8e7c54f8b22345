import type { LocalApi } from "./local-api.ts";

type Page<T> = { data: T[]; nextCursor: string | null };

/** The first thing of a list of the API that is wanted, e.g. `findItem(api, "/sources", …)`. */
export async function findItem<T>(
  api: LocalApi,
  path: string,
  isWanted: (item: T) => boolean,
): Promise<T | undefined> {
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: Page<T> = await api.get(
      `${path}?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    const found = page.data.find(isWanted);
    if (found) return found;
    cursor = page.nextCursor;
  }
  return undefined;
}
