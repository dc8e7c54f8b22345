/** A reason the session cannot start or go on. Its message is one line that says how to mend it. */
export class LocalError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = "LocalError";
    this.exitCode = exitCode;
  }
}
