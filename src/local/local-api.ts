import { API_TIMEOUT_MS } from "./constants.ts";

/** An answer of the API that is no 2xx. */
export class ApiError extends Error {
  readonly status: number;

  constructor(call: string, status: number, detail: string) {
    super(`${call}: ${status} ${detail}`);
    this.name = "ApiError";
    this.status = status;
  }
}

export type LocalApi = {
  get: <T>(path: string) => Promise<T>;
  post: <T>(path: string, body?: unknown, timeoutMs?: number) => Promise<T>;
  patch: <T>(path: string, body: unknown) => Promise<T>;
  put: <T>(path: string, body: unknown) => Promise<T>;
};

/** The session's own admin API, e.g. `get("/sources")`. Paths are below `/api/v1`. */
export function openLocalApi(origin: string, apiKey: string, signal: AbortSignal): LocalApi {
  async function call<T>(
    method: string,
    path: string,
    body: unknown,
    timeoutMs: number,
  ): Promise<T> {
    const answer = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await answer.text();
    if (!answer.ok) throw new ApiError(`${method} /api/v1${path}`, answer.status, detailOf(text));
    return JSON.parse(text || "null") as T;
  }
  return {
    get: (path) => call("GET", path, undefined, API_TIMEOUT_MS),
    post: (path, body, timeoutMs = API_TIMEOUT_MS) => call("POST", path, body, timeoutMs),
    patch: (path, body) => call("PATCH", path, body, API_TIMEOUT_MS),
    put: (path, body) => call("PUT", path, body, API_TIMEOUT_MS),
  };
}

/** A problem document's sentence, or the beginning of whatever came. */
function detailOf(text: string): string {
  try {
    const problem = JSON.parse(text) as { detail?: string; title?: string };
    return problem.detail ?? problem.title ?? "";
  } catch {
    return text.slice(0, 200);
  }
}
