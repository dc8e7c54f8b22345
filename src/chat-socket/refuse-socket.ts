/**
 * How an upgrade is refused. A browser cannot read the answer to a failed upgrade: with `v=2` its socket is accepted and
 * closed with 4000 + the status and a reason. Null: no upgrade, or no `v=2`; the caller answers over HTTP.
 */
export function refuseSocket(_request: Request, _error: unknown): Response | null {
  return null;
}
