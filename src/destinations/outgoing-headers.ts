import type { AttemptInput } from "./driver.ts";
import { CREDENTIALS, isAlwaysSecret, isReserved, looksSecret } from "./header-names.ts";
import type { HttpConfig } from "./http-config.ts";
import { MASK } from "./mask.ts";

const DEFAULT_USER_AGENT = "Baton/1";

type Outgoing = Pick<AttemptInput, "deliveryId" | "number" | "sample"> & {
  event: Pick<AttemptInput["event"], "id" | "hops" | "headers">;
};
type HeaderConfig = Pick<HttpConfig, "headers" | "forwardCredentials">;

/**
 * The headers of one try: the captured end-to-end ones, the config's (which win), and Baton's own (which always win).
 * Names are in lower case; a name that was captured more than once stays so.
 */
export function outgoingHeaders(
  config: HeaderConfig,
  input: Outgoing,
  { timestampSeconds, signature }: { timestampSeconds: number; signature?: string },
): [string, string][] {
  const configured = Object.entries(config.headers).map(lowerName);
  const own: [string, string][] = [
    ["webhook-id", input.deliveryId],
    ["webhook-timestamp", String(timestampSeconds)],
    ...(signature === undefined ? [] : ([["webhook-signature", signature]] as const)),
    ["x-baton-event-id", input.event.id],
    ["x-baton-attempt", String(input.number)],
    ["x-baton-hops", String(input.event.hops + 1)],
    ...(input.sample ? ([["x-baton-test", "true"]] as const) : []),
  ].map(([name, value]): [string, string] => [name, value]);
  const taken = new Set(configured.map(([name]) => name));
  const passed = endToEnd(input.event.headers, config.forwardCredentials).filter(
    ([name]) => !taken.has(name),
  );
  const headers = [...passed, ...configured, ...own];
  if (!headers.some(([name]) => name === "user-agent")) {
    headers.push(["user-agent", DEFAULT_USER_AGENT]);
  }
  return headers;
}

/** The captured headers that are meant for the receiver. */
function endToEnd(captured: [string, string][], forwardCredentials: boolean): [string, string][] {
  const headers = captured.map(lowerName);
  const named = new Set(
    headers
      .filter(([name]) => name === "connection")
      .flatMap(([, value]) => value.split(",").map((option) => option.trim().toLowerCase())),
  );
  return headers.filter(([name]) => {
    if (named.has(name)) return false;
    return CREDENTIALS.has(name) ? forwardCredentials : !isReserved(name);
  });
}

function lowerName([name, value]: [string, string]): [string, string] {
  return [name.toLowerCase(), value];
}

/** The headers as they may be stored with an attempt: secrets masked. */
export function maskedHeaders(
  headers: [string, string][],
  config: HeaderConfig,
): [string, string][] {
  const configured = new Set(Object.keys(config.headers).map((name) => name.toLowerCase()));
  return headers.map(([name, value]) => {
    const isSecret = isAlwaysSecret(name) || (configured.has(name) && looksSecret(name));
    return [name, isSecret ? MASK : value];
  });
}
