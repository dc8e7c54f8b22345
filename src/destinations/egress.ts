import type { Settings } from "../context.ts";
import { refused } from "../errors.ts";
import { parseAddress } from "../ip-address.ts";
import { isLoopback, specialPurpose } from "./ip.ts";
import { isWebPort } from "./ports.ts";

type EgressSettings = Pick<
  Settings,
  "baseDomain" | "appUrl" | "ingestUrl" | "allowLoopback" | "egressPorts"
>;
/** What is called: a URL, and whether its destination has asked for calls without TLS. */
export type Target = { url: string; allowHttp?: boolean };
/** A target with the field of the request that holds it, as a 422 names it. */
export type SavedTarget = Target & { field: string };

/** Names that the public DNS does not have, themselves and everything under them. */
const PRIVATE_DOMAINS = [
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "home.arpa",
  "in-addr.arpa",
  "ip6.arpa",
  "onion",
];

/** Public names that always point to this machine. */
const LOOPBACK_DOMAINS = ["localtest.me", "lvh.me", "vcap.me", "localho.st", "lacolhost.com"];
/** Public name services whose names carry the address they point to. */
const ADDRESS_DOMAINS = ["nip.io", "sslip.io", "xip.io"];
/** Every run of four numbers in a name, overlapping ones too. */
const CARRIED_ADDRESS = /(?<!\d)(?=(\d{1,3}([.-])\d{1,3}\2\d{1,3}\2\d{1,3})(?!\d))/g;

/** A whole IPv6 address in a name, with dashes; one with `--` is refused by that. */
const CARRIED_V6 = /(^|[.-])([0-9a-f]{1,4}-){6,}[0-9a-f]{1,4}([.-]|$)/;

/**
 * Says whether Baton may call a URL: null when it may, else why not and how to mend it.
 * Workers cannot pin a DNS answer, so this is about names and literals; `lookup.ts` asks what names lead to.
 */
export function egressProblem(
  { url: text, allowHttp = false }: Target,
  settings: EgressSettings,
): string | null {
  const url = URL.parse(text);
  if (!url) return "not a URL; write it whole, e.g. https://example.com/hook";
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return `\`${url.protocol}\` cannot be called; use https://`;
  }
  if (url.username !== "" || url.password !== "") {
    return "user name and password do not belong in a URL; use the header `authorization`";
  }
  return (
    loopProblem(url, settings) ??
    hostProblem(url, settings) ??
    portProblem(url, settings) ??
    tlsProblem(url, settings, allowHttp)
  );
}

/** The URL, parsed. Throws 422 for its field when it cannot be called. */
export function assertSendableUrl(target: SavedTarget, settings: EgressSettings): URL {
  const problem = egressProblem(target, settings);
  if (problem !== null) throw refused(target.field, problem);
  return new URL(target.url);
}

/** Baton's own hosts: what is sent there would come back as a new event, for ever. */
function loopProblem(url: URL, settings: EgressSettings): string | null {
  const own = "is Baton itself, and an event sent there would come back; use the receiver's URL";
  const host = withoutDot(url.hostname);
  if (settings.allowLoopback && isLoopbackHost(host)) {
    return portOf(url) === portOf(new URL(settings.appUrl)) ? `${url.host} ${own}` : null;
  }
  const baseDomain = settings.baseDomain.toLowerCase();
  const appHost = new URL(settings.appUrl).hostname;
  const isOwn =
    isUnder(host, baseDomain) ||
    host === appHost ||
    host === URL.parse(settings.ingestUrl.replace("{slug}", "slug"))?.hostname ||
    isOfSameAccount(host, appHost);
  return isOwn ? `${url.hostname} ${own}` : null;
}

/** On workers.dev every Worker of an account has a name beside ours, this deployment's own ones too. */
function isOfSameAccount(host: string, appHost: string): boolean {
  const account = /[^.]+\.workers\.dev$/.exec(appHost)?.[0];
  return account !== undefined && isUnder(host, account);
}

function portProblem(url: URL, settings: EgressSettings): string | null {
  if (settings.allowLoopback && isLoopbackHost(url.hostname)) return null;
  return isWebPort(url.port, settings.egressPorts)
    ? null
    : `port ${url.port} is no usual one of web servers; use 443 or another of the documentation's list, or have the operator add it to EGRESS_PORTS`;
}

/** Whoever is on the way reads and changes what goes without TLS, so it is sent only where that was asked for. */
function tlsProblem(url: URL, settings: EgressSettings, allowHttp: boolean): string | null {
  if (url.protocol === "https:" || allowHttp) return null;
  if (settings.allowLoopback && isLoopbackHost(url.hostname)) return null;
  return "http:// goes over the internet readable by everybody on the way; use https://, or set `allowHttp: true` beside it";
}

function hostProblem(url: URL, settings: EgressSettings): string | null {
  const host = url.hostname;
  const address = parseAddress(host);
  if (address) {
    if (settings.allowLoopback && isLoopback(address)) return null;
    const purpose = specialPurpose(address);
    return purpose === null
      ? null
      : `${host} is not on the internet (${purpose}); use a public host`;
  }
  if (settings.allowLoopback && host === "localhost") return null;
  if (host.endsWith(".")) return `${host} ends with a dot; write the name without it`;
  if (host.split(".").includes("")) return `${host} is no host name`;
  if (!host.includes(".")) return `${host} is not on the internet; use a public host name`;
  if (isPrivateName(host)) return `${host} is not on the internet; use a public host name`;
  return null;
}

function isPrivateName(host: string): boolean {
  if (PRIVATE_DOMAINS.some((domain) => isUnder(host, domain))) return true;
  if (LOOPBACK_DOMAINS.some((domain) => isUnder(host, domain))) return true;
  if (!ADDRESS_DOMAINS.some((domain) => isUnder(host, domain))) return false;
  // Such a name is fine when it carries an IPv4 address in decimal and every one in it is public.
  if (host.includes("--") || CARRIED_V6.test(host) || /(^|[.-])[0-9a-f]{8}([.-]|$)/.test(host))
    return true;
  const found = [...host.matchAll(CARRIED_ADDRESS)].map(([, text = ""]) => text);
  return (
    found.length === 0 ||
    found.some((text) => specialPurpose(text.split(/[.-]/).map(Number)) !== null)
  );
}

function isUnder(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function isLoopbackHost(host: string): boolean {
  const address = parseAddress(host);
  if (address) return isLoopback(address);
  return host === "localhost" || host.endsWith(".localhost");
}

function withoutDot(host: string): string {
  return host.endsWith(".") ? host.slice(0, -1) : host;
}

function portOf(url: URL): string {
  return url.port || (url.protocol === "https:" ? "443" : "80");
}
