import type { PortalDefinition } from "./definition.ts";
import { mapTexts } from "./map-texts.ts";
import { siteUrl } from "./site-url.ts";

/**
 * The definition for one portal: `{base}` filled in, origins as `URL` writes them, addresses absolute. What people type
 * (`{username}` …), the code and values of the session stay to be filled in. `baseUrl` has no slash at its end.
 */
export function resolveDefinition(definition: PortalDefinition, baseUrl: string): PortalDefinition {
  const filled = mapTexts(definition, (text) => text.replaceAll("{base}", () => baseUrl));
  const absolute = (address: string) => siteUrl(baseUrl, address) ?? address;
  const { login, health, logout } = filled;
  const withAddresses = (steps: typeof login.steps) =>
    steps.map((step) => (step.do === "goto" ? { ...step, url: absolute(step.url) } : step));
  return {
    ...filled,
    origins: originsOf(definition, baseUrl),
    login: {
      ...login,
      steps: withAddresses(login.steps),
      ...(login.code && {
        code: {
          ...login.code,
          steps: withAddresses(login.code.steps),
          ...(login.code.resend && { resend: withAddresses(login.code.resend) }),
        },
      }),
    },
    health: { ...health, url: absolute(health.url) },
    ...(logout && { logout: { ...logout, url: absolute(logout.url) } }),
  };
}

/** The origins that a portal's login and requests may go to. */
export function originsOf({ origins }: PortalDefinition, baseUrl: string): string[] {
  const filled = origins.map((text) => text.replaceAll("{base}", () => baseUrl));
  return [...new Set(filled.map((origin) => URL.parse(origin)?.origin ?? origin))];
}

/** The addresses of a definition, with the keys that lead to them. */
export function addressesOf({ login, health, logout }: PortalDefinition) {
  const groups = [
    { path: ["login", "steps"], steps: login.steps },
    { path: ["login", "code", "steps"], steps: login.code?.steps ?? [] },
    { path: ["login", "code", "resend"], steps: login.code?.resend ?? [] },
  ];
  return [
    ...groups.flatMap(({ path, steps }) =>
      steps.flatMap((step, i) =>
        step.do === "goto" ? [{ path: [...path, String(i), "url"], address: step.url }] : [],
      ),
    ),
    { path: ["health", "url"], address: health.url },
    ...(logout ? [{ path: ["logout", "url"], address: logout.url }] : []),
  ];
}
