/** Why `baton tail` cannot go on: one line that says how to mend it, and the exit code. */
export class TailError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
