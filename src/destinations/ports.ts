/** Ports of web servers: the schemes' own, what is customary, and what Cloudflare itself serves HTTP on. */
const WEB_PORTS: ReadonlySet<number> = new Set([
  80, 443, 3000, 5000, 8000, 8008, 8080, 8081, 8088, 8443, 8888, 9000, 9443,
  // https://developers.cloudflare.com/fundamentals/reference/network-ports/
  2052, 2053, 2082, 2083, 2086, 2087, 2095, 2096, 8880,
]);

/**
 * True for a port that a call may go to. Elsewhere a request could be read as mail, a print job or a database's command.
 * `port` as `URL` has it: empty for the scheme's own; `more` are the deployment's.
 */
export function isWebPort(port: string, more: readonly number[]): boolean {
  return port === "" || WEB_PORTS.has(Number(port)) || more.includes(Number(port));
}
