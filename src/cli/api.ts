import { randomUUID } from "node:crypto";
import type { Page } from "../pagination.ts";
import { CliError } from "./cli-error.ts";
import { API_TIMEOUT_MS, BODY_TIMEOUT_MS } from "./constants.ts";
import { EXIT } from "./exit-codes.ts";
import { fetchFrom, readText } from "./fetch-from.ts";
import { refusalOf } from "./refusal.ts";
import type { Texts } from "./texts.ts";
import { untilAnswered } from "./until-answered.ts";

export type Query = Record<string, string | number | undefined>;

/**
 * The HTTP API of one deployment; paths are below `/api/v1`. `field` is one that the answer always has: an answer
 * without it is somebody else's. What only reads is asked again when its answer is lost.
 */
export type Api = {
  origin: string;
  /** For calls that are made elsewhere. Throws when none is known. */
  key(): string;
  get<T extends object>(path: string, field: keyof T & string, query?: Query): Promise<T>;
  page<T>(path: string, query: Query): Promise<Page<T>>;
  /** Makes one thing, also when its answer is lost and it is asked again: all tries have one `Idempotency-Key`. */
  create<T extends object>(
    path: string,
    field: keyof T & string,
    body: unknown,
    idempotencyKey?: string,
  ): Promise<T>;
  send<T extends object>(
    method: "POST" | "PATCH" | "PUT",
    path: string,
    field: keyof T & string,
    body?: unknown,
  ): Promise<T>;
  remove(path: string): Promise<void>;
  /** An answer that is no JSON, e.g. an event's body. */
  open(path: string): Promise<Response>;
};

/** `key` is asked for only when a call is made: some commands need none. */
export function openApi(
  origin: string,
  key: () => string,
  say: Texts,
  signal: AbortSignal,
  timeoutMs = API_TIMEOUT_MS,
): Api {
  async function call(method: string, path: string, more: More = {}, limitMs = timeoutMs) {
    const { body, headers: said } = more;
    const headers: Record<string, string> = { authorization: `Bearer ${key()}`, ...said };
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetchFrom(
      `${origin}/api/v1${path}`,
      { method, headers, body: body === undefined ? undefined : JSON.stringify(body) },
      { say, signal, timeoutMs: limitMs },
    );
    if (!response.ok) throw await refusalOf(response, origin, say, listOf(path));
    return response;
  }
  const json = async (method: string, path: string, field: string, more?: More) =>
    readJson(await call(method, path, more), field, origin, say);
  const again = { say, signal, forMs: timeoutMs };
  return {
    origin,
    key,
    get: async <T>(path: string, field: string, query: Query = {}) =>
      (await untilAnswered(() => json("GET", path + queryOf(query), field), again)) as T,
    page: async <T>(path: string, query: Query) => {
      const page = await untilAnswered(() => json("GET", path + queryOf(query), "data"), again);
      // The same place again would never end.
      if (!isPage(page) || page.nextCursor === (query.cursor ?? "")) throw notBaton(origin, say);
      return page as Page<T>;
    },
    create: async <T>(path: string, field: string, body: unknown, idempotencyKey?: string) => {
      const once = idempotencyKey ?? randomUUID();
      const more = { body, headers: { "idempotency-key": once } };
      return (await untilAnswered(() => json("POST", path, field, more), { ...again, once })) as T;
    },
    send: async <T>(method: string, path: string, field: string, body?: unknown) =>
      (await json(method, path, field, { body })) as T,
    remove: async (path) => {
      const { status } = await call("DELETE", path);
      if (status !== 204) throw notBaton(origin, say);
    },
    open: (path) => untilAnswered(() => call("GET", path, {}, BODY_TIMEOUT_MS), again),
  };
}

type More = { body?: unknown; headers?: Record<string, string> };

async function readJson(
  response: Response,
  field: string,
  origin: string,
  say: Texts,
): Promise<object> {
  const text = await readText(response, say);
  try {
    const value: unknown = JSON.parse(text);
    if (value && typeof value === "object" && Object.hasOwn(value, field)) return value;
  } catch {
    // Said below: whatever it is, it is no answer of ours.
  }
  throw notBaton(origin, say);
}

function isPage(value: object): value is Page<unknown> {
  return "data" in value && Array.isArray(value.data) && "nextCursor" in value;
}

function notBaton(origin: string, say: Texts): CliError {
  return new CliError(say.errors.notBaton(origin), EXIT.unavailable);
}

/** Where what a path names would be listed. */
function listOf(path: string): string {
  const [, first = "", id = "", second] = path.split("/");
  if (second === "senders") return `baton senders ls ${id}`;
  if (first === "portal-definitions") return "baton portals definitions ls";
  return `baton ${first === "api-keys" ? "keys" : first} ls`;
}

function queryOf(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) params.set(name, String(value));
  }
  const text = params.toString();
  return text && `?${text}`;
}
