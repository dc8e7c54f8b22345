import { z } from "zod";
import type { Messages } from "./messages.ts";
import { PortalStep, stepLine } from "./portal-lines.ts";
import { printable } from "./printable.ts";

const request = { host: z.string(), method: z.string(), path: z.string() };

/** What the Workers write about an event or a portal; every other line is for the log file. */
const LogLine = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("delivery"),
    ...request,
    rule: z.string().nullish(),
    destination: z.string(),
    status: z.enum(["succeeded", "retrying", "failed"]),
    attempt: z.number(),
    responseStatus: z.number().nullish(),
    reason: z.string().nullish(),
  }),
  z.object({ event: z.literal("unmatched"), ...request }),
  z.object({ event: z.literal("stray"), ...request, reason: z.string().nullish() }),
  PortalStep,
]);
type LogLine = z.infer<typeof LogLine>;

const ErrorLine = z.looseObject({ level: z.literal("error"), event: z.string() });

/** wrangler says which Worker wrote a line: `[baton-consumer] {…}`. */
const WRITER = /^\[[\w-]+\] (?=\{)/;

/** The line for the terminal that a line of wrangler's output stands for, or undefined when it stands for none. */
export function eventLine(output: string, say: Messages): string | undefined {
  const text = output.replace(WRITER, "");
  if (!text.startsWith("{")) return wranglerError(output, say);
  const fields = parseJson(text);
  const known = LogLine.safeParse(fields);
  if (known.success) return printable(describe(known.data, say), 400);
  const error = ErrorLine.safeParse(fields);
  return error.success ? printable(`${say.workerError}: ${text}`, 400) : undefined;
}

/** host → rule → destination → status (details) */
function describe(line: LogLine, say: Messages): string {
  if (line.event === "portal_step") return stepLine(line, say);
  const what = `${line.method} ${line.path}`;
  if (line.event === "unmatched") return `${line.host} → ${say.noRule} → – → ${say.kept} (${what})`;
  if (line.event === "stray") {
    const why = line.reason ? `, ${line.reason}` : "";
    return `${line.host} → ${say.noSource} → – → ${say.kept} (${what}${why})`;
  }
  const details = [
    line.responseStatus ?? undefined,
    line.reason ?? undefined,
    line.attempt > 1 ? `#${line.attempt}` : undefined,
    what,
  ].filter((detail) => detail !== undefined);
  const status = say.status[line.status];
  return `${line.host} → ${line.rule ?? say.manual} → ${line.destination} → ${status} (${details.join(", ")})`;
}

/** The line for an error of wrangler's own, e.g. a Worker that does not build or an exception nobody caught. */
export function wranglerError(output: string, say: Messages): string | undefined {
  const text = output.match(/^\s*(?:✘|X)?\s*\[ERROR\]\s*(.+)$/)?.[1];
  return text === undefined ? undefined : printable(`${say.workerError}: ${text}`, 400);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
