import { printable } from "../local/printable.ts";
import { CliError } from "./cli-error.ts";
import type { ConfigFile } from "./config-file.ts";
import { EXIT } from "./exit-codes.ts";
import type { LocalSession } from "./session-file.ts";
import type { Texts } from "./texts.ts";

/** The deployment to talk to: an origin, and a key unless none is known. */
export type Target = { url: string; key?: string };

/** Where an address and a key may be said, the strongest first. */
export type Sources = {
  flags: Target | { url?: string; key?: string };
  env: NodeJS.ProcessEnv;
  local: Omit<LocalSession, "callbackOrigins"> | undefined;
  file: ConfigFile | undefined;
};

/**
 * Flags, then `BATON_URL` and `BATON_API_KEY`, then a local session that runs, then the config file. A key that was
 * kept in a file goes only to the deployment that it was kept for.
 */
export function resolveTarget({ flags, env, local, file }: Sources, say: Texts): Target {
  const given = {
    url: flags.url ?? (env.BATON_URL || undefined),
    key: flags.key ?? (env.BATON_API_KEY || undefined),
  };
  const kept = [local?.running ? local : undefined, file].filter((it) => it?.url !== undefined);
  if (given.url === undefined) {
    const [first] = kept;
    if (!first?.url) throw new CliError(local ? say.errors.notRunning : say.errors.noTarget);
    return { url: originOf(first.url, say), key: given.key ?? first.key };
  }
  const url = originOf(given.url, say);
  const same = kept.find((it) => it?.url && parseUrl(it.url)?.origin === url);
  return { url, key: given.key ?? same?.key };
}

/** The key, or an error that says where to give one. */
export function keyOf({ url, key }: Target, say: Texts): string {
  if (!key) throw new CliError(say.errors.noKey(url), EXIT.unauthorized);
  // A header with anything else in it cannot be sent, and what fetch says of it would show the key.
  if (!/^[\x21-\x7e]+$/.test(key)) throw new CliError(say.errors.badKey, EXIT.usage);
  return key;
}

export function originOf(text: string, say: Texts): string {
  const url = parseUrl(text);
  const isOrigin = url && /^\/?$/.test(url.pathname) && !url.search && !url.hash && !url.username;
  if (!url || !isOrigin || !/^https?:$/.test(url.protocol)) {
    throw new CliError(say.errors.badUrl(withoutSecrets(text)));
  }
  return url.origin;
}

/** An address as it was given, without user, password and query. */
function withoutSecrets(text: string): string {
  const shown = text.replace(/^([^/]*\/\/)?[^/]*@/, "$1").replace(/[?#].*$/s, "");
  return printable(shown) || "--url";
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
