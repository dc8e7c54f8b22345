import type { Problem } from "../http-error.ts";
import { printable } from "../local/printable.ts";
import { CliError } from "./cli-error.ts";
import { API_TIMEOUT_MS, BODY_TIMEOUT_MS, MAX_ERROR_CHARS } from "./constants.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import type { Texts } from "./texts.ts";

export type Query = Record<string, string | number | undefined>;

/** The HTTP API of one deployment; paths are below `/api/v1`. */
export type Api = {
  origin: string;
  get<T>(path: string, query?: Query): Promise<T>;
  send<T>(method: "POST" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T>;
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
  async function call(method: string, path: string, body: unknown, limitMs: number) {
    const headers: Record<string, string> = { authorization: `Bearer ${key()}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetchFrom(
      `${origin}/api/v1${path}`,
      { method, headers, body: body === undefined ? undefined : JSON.stringify(body) },
      { say, signal, timeoutMs: limitMs },
    );
    if (!response.ok) throw await refusalOf(response, origin, say, listOf(path));
    return response;
  }
  return {
    origin,
    get: async <T>(path: string, query: Query = {}) =>
      (await readJson(await call("GET", path + queryOf(query), undefined, timeoutMs), say)) as T,
    send: async <T>(method: string, path: string, body?: unknown) =>
      (await readJson(await call(method, path, body, timeoutMs), say)) as T,
    open: (path) => call("GET", path, undefined, BODY_TIMEOUT_MS),
  };
}

/** A request whose failure is one line. A redirect is no answer of ours: the key must not follow it. */
export async function fetchFrom(
  url: string,
  init: RequestInit,
  { say, signal, timeoutMs }: { say: Texts; signal: AbortSignal; timeoutMs: number },
): Promise<Response> {
  const { origin } = new URL(url);
  try {
    return await fetch(url, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (error) {
    if (signal.aborted) throw new CliError(say.errors.interrupted, EXIT.interrupted);
    if ((error as Error).name === "TimeoutError") {
      throw new CliError(say.errors.late(origin, timeoutMs / 1000), EXIT.unavailable);
    }
    const cause = (error as { cause?: { code?: string; message?: string } }).cause;
    const why = cause?.code ?? cause?.message ?? (error as Error).message;
    throw new CliError(say.errors.unreachable(origin, printable(why)), EXIT.unavailable);
  }
}

async function readJson(response: Response, say: Texts): Promise<unknown> {
  if (response.status === 204) return undefined;
  const text = await readText(response, say);
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(say.errors.notBaton(new URL(response.url).origin), EXIT.unavailable);
  }
}

/** The whole answer as text. */
export async function readText(response: Response, say: Texts): Promise<string> {
  return new TextDecoder().decode(await readBytes(response, say));
}

/** The whole answer; a connection that ends in its middle is one line too. */
export async function readBytes(response: Response, say: Texts): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw endedEarly(response, error, say);
  }
}

/** `error` is what reading a body has thrown; only a signal of ours makes it an `AbortError`. */
export function endedEarly(response: Response, error: unknown, say: Texts): CliError {
  if ((error as Error).name === "AbortError") {
    return new CliError(say.errors.interrupted, EXIT.interrupted);
  }
  const { origin } = new URL(response.url);
  return new CliError(say.errors.endedEarly(origin), EXIT.unavailable);
}

/** An answer that is no 2xx, as our error: the problem's sentence says what to mend. */
export async function refusalOf(
  response: Response,
  origin: string,
  say: Texts,
  list = "baton sources ls",
): Promise<CliError> {
  const text = await readText(response, say);
  const { status } = response;
  const code = exitCodeOf(status);
  if (status >= 300 && status < 400) {
    const to = printable(response.headers.get("location") ?? "");
    return new CliError(say.errors.redirected(origin, to), EXIT.refused, status);
  }
  const problem = parseProblem(text);
  if (!problem) return new CliError(say.errors.oddAnswer(origin, status), code, status);
  const sentence = printable(sentenceOf(problem), MAX_ERROR_CHARS);
  return new CliError(explain(status, sentence, { origin, say, list }), code, status);
}

/** Most refusals say themselves what to do; of these the command knows more. */
function explain(
  status: number,
  sentence: string,
  { origin, say, list }: { origin: string; say: Texts; list: string },
): string {
  if (status === 401) return say.errors.badCredentials(origin, sentence);
  return `${sentence} (${status})${status === 404 ? ` ${say.errors.seeList(list)}` : ""}`;
}

/** Where what a path names would be listed. */
function listOf(path: string): string {
  const [, first = "", id = "", second] = path.split("/");
  if (second === "senders") return `baton senders ls ${id}`;
  return `baton ${first === "api-keys" ? "keys" : first} ls`;
}

/** The detail, and the fields it does not speak of. */
function sentenceOf({ detail, title, errors = [] }: Problem): string {
  const said = detail || title;
  const more = errors.filter(({ message }) => !said.includes(message));
  return [said, ...more.map(({ path, message }) => `${path}: ${message}`)].join(" · ");
}

function parseProblem(text: string): Problem | undefined {
  try {
    const problem = JSON.parse(text) as Problem;
    return typeof problem.title === "string" ? problem : undefined;
  } catch {
    return undefined;
  }
}

function queryOf(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) params.set(name, String(value));
  }
  const text = params.toString();
  return text && `?${text}`;
}
