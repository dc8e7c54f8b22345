import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { printable } from "../local/printable.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";

/** Asks a person before something cannot be undone. Where nobody can answer, `--yes` is needed. */
export async function confirm({ stdin, stderr, say, signal }: Cli, question: string) {
  if (!stdin.isTTY || !stderr.isTTY) throw new CliError(say.errors.needsYes);
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const asked = lines.question(`${printable(question)} ${say.yesOrNo} `, { signal });
    // Ctrl-D ends the input, and leaves a question open for ever.
    const answer = await Promise.race([asked, once(lines, "close", { signal }).then(() => "")]);
    if (!/^(y|yes|예|네|ㅛ)$/i.test(answer.trim())) {
      throw new CliError(say.errors.notDeleted, EXIT.refused);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    // The question's line is still open.
    stderr.write("\n");
    throw new CliError(say.errors.interrupted, EXIT.interrupted);
  } finally {
    lines.close();
  }
}
