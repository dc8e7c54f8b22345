import type { Problem } from "../http-error.ts";
import { printable } from "../local/printable.ts";
import { CliError, LostAnswer } from "./cli-error.ts";
import { MAX_ERROR_CHARS } from "./constants.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { readText } from "./fetch-from.ts";
import type { Texts } from "./texts.ts";

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
  if (!problem) {
    // A gateway speaks for a server that may have done what it was asked.
    const Odd = status >= 500 ? LostAnswer : CliError;
    return new Odd(say.errors.oddAnswer(origin, status) + whenOf(response, say), code, status);
  }
  const sentence = printable(sentenceOf(problem), MAX_ERROR_CHARS);
  const explained = explain(status, sentence, { origin, say, list });
  return new CliError(explained + whenOf(response, say), code, status);
}

/** What `Retry-After` asks for, in seconds; its other form is a date, which hardly anybody sends. */
function whenOf({ headers }: Response, say: Texts): string {
  const seconds = headers.get("retry-after") ?? "";
  return /^\d{1,5}$/.test(seconds) ? ` ${say.errors.tryAgainIn(Number(seconds))}` : "";
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

/** The detail, and the fields it does not speak of. */
function sentenceOf({ detail, title, errors }: Problem): string {
  const said = String(detail || title);
  // Others send problems too, with fields in other forms.
  const fields = Array.isArray(errors) ? errors : [];
  const more = fields.filter((field) => field?.message && !said.includes(field.message));
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
