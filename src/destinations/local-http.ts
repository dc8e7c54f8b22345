const LOOPBACK_HOSTS = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** An emulator on this machine, which may stand in for a service; `egress.ts` allows it in a local session only. */
export function isLocalHttp(url: URL): boolean {
  return url.protocol === "http:" && LOOPBACK_HOSTS.test(url.hostname);
}
