import { EXIT, type ExitCode } from "./exit-codes.ts";

/** A reason why a command did not do what it was asked. Its message is one line that says how to mend it. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** Of the answer that it comes from. */
  readonly status?: number;

  constructor(message: string, exitCode: ExitCode = EXIT.usage, status?: number) {
    super(message);
    this.name = "CliError";
    this.exitCode = exitCode;
    this.status = status;
  }
}

/** No answer came to a request that may have arrived: what it asked for may have been done. */
export class LostAnswer extends CliError {}
