type Fields = Record<string, unknown>;

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

let threshold = 1;

/** Sets the least level that is written; the Worker's `LOG_LEVEL`. */
export function setLogLevel(level: string | undefined): void {
  const index = LEVELS.indexOf(level as Level);
  threshold = index < 0 ? 1 : index;
}

function write(level: Level, event: string, fields: Fields): void {
  if (LEVELS.indexOf(level) < threshold) return;
  // One JSON object a line: Workers Logs indexes the fields, and the local session reads them.
  console.log(JSON.stringify({ level, event, ...fields }, describeErrors));
}

function describeErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? describeError(value) : value;
}

/**
 * An error as text. A failed query tells its SQL and cause but never its parameters: they are headers, bodies and
 * hashes of keys.
 */
export function describeError(error: Error): string {
  if ("query" in error && "params" in error) {
    const cause = error.cause instanceof Error ? error.cause.message : "unknown cause";
    return `failed query: ${cause} (${String(error.query).replace(/\s+/g, " ").slice(0, 200)})`;
  }
  return error.stack ?? String(error);
}

/** Structured log lines. Never pass a secret, a body or a header value. */
export const log = {
  debug: (event: string, fields: Fields = {}) => write("debug", event, fields),
  info: (event: string, fields: Fields = {}) => write("info", event, fields),
  warn: (event: string, fields: Fields = {}) => write("warn", event, fields),
  error: (event: string, fields: Fields = {}) => write("error", event, fields),
};
