import { networkInterfaces } from "node:os";
import { relative } from "node:path";
import { DEMO, SAMPLE_BODY } from "./constants.ts";
import type { Messages } from "./messages.ts";
import type { Secrets } from "./secrets.ts";
import { isOpenToAll, type Settings } from "./settings.ts";
import type { PortalDemo } from "./start-portal.ts";

const PHONE_PATH = "/webhook/sms";

/** URLs, the key, and a request that can be pasted into a shell. */
export function welcomeText({
  settings,
  secrets,
  say,
  portal,
  lanAddresses = findLanAddresses(),
}: {
  settings: Settings;
  secrets: Secrets;
  say: Messages;
  portal?: PortalDemo;
  lanAddresses?: readonly string[];
}): string {
  const lan = isOpenToAll(settings.host)
    ? lanAddresses.map((address) => `http://${address}:${settings.port}`)
    : [];
  const base = settings.publicUrl ?? settings.appUrl;
  const rows: [string, string][] = [
    [say.app, base],
    [say.ingest, settings.ingestUrl],
    ...lan.map((url): [string, string] => [say.lan, url]),
    [say.receiver, settings.receiverUrl],
    [say.apiKey, secrets.apiKey],
    ...portalRow(portal, say),
    [say.details, shortPath(settings.localFile)],
  ];
  const [first] = lan;
  return [
    "",
    say.running,
    ...rows.map(([label, value]) => `  ${padTo(label, 14)}${value}`),
    "",
    say.tryIt,
    `  ${curl(`${base}/in/${DEMO.slug}/card`)}`,
    say.wildcardForm,
    `  ${curl(`${settings.ingestUrl.replace("{slug}", DEMO.slug)}/card`)}`,
    say.phoneForm,
    `  curl -d '${SAMPLE_BODY}' '${base}${PHONE_PATH}'`,
    ...(first ? [say.fromLan, `  ${first}/in/${DEMO.slug}/card`, `  ${first}${PHONE_PATH}`] : []),
    ...(portal
      ? [say.portals.tryFailover, `  curl -d '{"count":1}' '${portal.url}/__control/expire'`]
      : []),
    "",
    say.eventsFollow,
  ].join("\n");
}

function portalRow(portal: PortalDemo | undefined, say: Messages): [string, string][] {
  if (!portal) return [];
  return [[say.portals.portal, `${portal.url}/login (${say.portals.account}: ${portal.username})`]];
}

function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

function curl(url: string): string {
  return `curl -X POST '${url}' -H 'content-type: application/json' --data '${SAMPLE_BODY}'`;
}

/** Pads to a width on the terminal, where a Korean syllable takes two columns. */
function padTo(label: string, columns: number): string {
  const width = label.length + (label.match(/[가-힣]/g)?.length ?? 0);
  return label + " ".repeat(Math.max(1, columns - width));
}

function findLanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => address.family === "IPv4" && !address.internal)
    .map((address) => address.address);
}
