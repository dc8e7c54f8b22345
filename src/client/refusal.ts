import { retryAfterMs } from "./backoff.ts";
import { ClientError } from "./client-error.ts";
import { MAX_QUOTED_CHARS } from "./constants.ts";
import type { Cut } from "./cut.ts";

/** Beside 5xx, what may be asked again as it stands. */
export const PASSING_STATUSES = [408, 425, 429];

/** What an answer means that is no 2xx. Reads its problem, which says what to mend. */
export async function refusalOf(response: Response): Promise<Cut> {
  const { status } = response;
  // The Workers' types do not know browsers' answers.
  const type: string = response.type;
  if (type === "opaqueredirect" || (status >= 300 && status < 400)) {
    await response.body?.cancel();
    // A token must not follow it.
    const error = new ClientError("The address leads to another one; use that one.", status);
    return { kind: "final", error };
  }
  const error = new ClientError(await detailOf(response), status);
  if (status >= 500 || PASSING_STATUSES.includes(status)) {
    const floorMs = retryAfterMs(response.headers.get("retry-after"), Date.now());
    return { kind: "lost", error, floorMs };
  }
  return { kind: status === 401 ? "unauthorized" : "final", error };
}

/** Nothing answered. */
export function unreachable(url: URL, cause: unknown): Cut {
  const from = (globalThis as { location?: { origin?: string } }).location?.origin;
  const isForeign = from !== undefined && from !== url.origin;
  // A browser does not tell the two apart.
  const more = isForeign ? `, or ${from} is not among its allowed origins` : "";
  const message = `${url.origin} cannot be reached${more}: ${reasonOf(cause)}`;
  return { kind: "lost", error: new ClientError(message, 0, { cause }) };
}

/** A thrown thing in a few words; of Node's `fetch failed`, what is behind it. */
export function reasonOf(thrown: unknown): string {
  const error = thrown as { message?: string; cause?: { code?: string; message?: string } };
  return error?.cause?.code ?? error?.cause?.message ?? error?.message ?? String(thrown);
}

async function detailOf(response: Response): Promise<string> {
  const plain = `The server answered ${response.status}.`;
  const text = await response.text().catch(() => "");
  try {
    const { detail, title } = JSON.parse(text) as { detail?: unknown; title?: unknown };
    const said = detail || title;
    return typeof said === "string" ? said.slice(0, MAX_QUOTED_CHARS) : plain;
  } catch {
    return plain;
  }
}
