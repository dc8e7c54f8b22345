import { printable } from "../local/printable.ts";
import { CliError, LostAnswer } from "./cli-error.ts";
import { ANSWER_LOST, CANNOT_BE_SENT } from "./constants.ts";
import { EXIT } from "./exit-codes.ts";
import type { Texts } from "./texts.ts";

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
      throw new LostAnswer(say.errors.late(origin, timeoutMs / 1000), EXIT.unavailable);
    }
    const { code, message } =
      (error as { cause?: { code?: string; message?: string } }).cause ?? {};
    // What `fetch` says of it would show the header, and headers hold keys.
    const cannotBeSent = message === undefined || CANNOT_BE_SENT.has(code ?? "");
    if (cannotBeSent) throw new CliError(say.errors.cannotBeSent(code ?? ""), EXIT.usage);
    const Fault = ANSWER_LOST.has(code ?? "") ? LostAnswer : CliError;
    const why = printable(code ?? message);
    throw new Fault(say.errors.unreachable(origin, why), EXIT.unavailable);
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
  return new LostAnswer(say.errors.endedEarly(origin), EXIT.unavailable);
}
