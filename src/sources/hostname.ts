import type { Settings } from "../context.ts";
import { refused } from "../errors.ts";

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Says what is wrong with a DNS name, or null when nothing is. */
export function hostnameFault(name: string): string | null {
  if (name !== name.toLowerCase()) return "write it in lower case";
  const labels = name.split(".");
  if (labels.length < 2) return "has no dot; give the whole name, e.g. hooks.example.com";
  if (!labels.every((label) => LABEL.test(label))) {
    return "is no DNS name; use letters, digits, `-` and dots (other scripts as `xn--…`), no port or path";
  }
  if (/^\d+$/.test(labels.at(-1) ?? "")) return "is an IP address; give a DNS name";
  return null;
}

/** 422 for a hostname of the deployment itself: a source there could take what is not its own. */
export function assertForeignHostnames(settings: Settings, hostnames: string[]): void {
  const own = ownHosts(settings);
  const wrong = hostnames.findIndex((name) =>
    own.some((host) => name === host || name.endsWith(`.${host}`)),
  );
  if (wrong < 0) return;
  throw refused(
    `hostnames.${wrong}`,
    "is a name of this deployment; sources get theirs by their slug, so leave it out",
  );
}

function ownHosts({ baseDomain, appUrl, ingestUrl }: Settings): string[] {
  const ingestHost = new URL(ingestUrl.replace("{slug}.", "").replace("{slug}", "")).hostname;
  return [baseDomain, new URL(appUrl).hostname, ingestHost];
}
