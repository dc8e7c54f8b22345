/** What the command ends with; `baton help exit-codes` and docs/cli.md describe them. */
export const EXIT = {
  ok: 0,
  refused: 1,
  usage: 2,
  unavailable: 3,
  unauthorized: 4,
  undelivered: 5,
  internal: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Of an answer of the API that is no 2xx. What may work later is `unavailable`. */
export function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.unauthorized;
  return status === 429 || status >= 500 ? EXIT.unavailable : EXIT.refused;
}
