import type { PortalDefinition } from "../portals/schemas.ts";
import type { Snapshot } from "../session-pairs/index.ts";
import { cookiesFor } from "./cookies-for.ts";

/** Cookies of analytics, advertising, bot protection and load balancers: they come and go beside the login. */
const BESIDE_THE_LOGIN =
  /^(_ga|_gid|_gat|_gcl|_dc_gtm|_fb[cp]|__utm|_hj|_clck|_clsk|_uet|_pk_|_pin_|_tt_|_ttp|_scid|_rdt|_ym|amp_|ajs_|mp_|optimizely|wcs_|nnb$|_kpx|__cf|_cfuvid|cf_|ak_bmsc|bm_|_abck|awsalb|incap_ses|visid_incap|nlbi_|arraffinity|bigip|datadome|ts0)/i;

/**
 * When the first of the cookies expires that hold the login, in ms UTC; null: none says. Those count that go with the
 * health request and have an end, without device cookies and those of analytics and the like. When a site marks cookies
 * `HttpOnly`, its session is among these, and what scripts have set does not count.
 */
export function cookieExpiryThatMatters(
  { cookies, takenAt }: Snapshot,
  { health, session }: PortalDefinition,
): number | null {
  const url = URL.parse(health.url);
  if (!url) return null;
  const sent = cookiesFor(cookies, { url, from: url, method: health.method, now: takenAt }).filter(
    ({ name }) => !session.deviceCookies.includes(name) && !BESIDE_THE_LOGIN.test(name),
  );
  const marked = sent.some(({ httpOnly }) => httpOnly);
  const ends = sent.flatMap(({ expires, httpOnly }) =>
    expires === null || (marked && !httpOnly) ? [] : expires * 1_000,
  );
  return ends.length === 0 ? null : Math.min(...ends);
}
