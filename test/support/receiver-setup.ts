import type { TestProject } from "vitest/node";
import { startSens } from "../emulators/sens.ts";
import { startDoh } from "./doh.ts";
import { startEchoSite } from "./echo-site.ts";
import { startJwks } from "./jwks.ts";
import { startKakaoCallbacks } from "./kakao-callbacks.ts";
import { startPortalSites } from "./portal-sites.ts";
import { startReceiver } from "./receiver.ts";

/** Real HTTP servers for the tests that run inside workerd: a receiver, a resolver, key sets, SENS, Kakao, web sites. */
export default async function setup(project: TestProject) {
  const [receiver, doh, jwks, sens, kakao, site, portals] = await Promise.all([
    startReceiver(),
    startDoh(),
    startJwks(),
    startSens({ burst: 10_000 }),
    startKakaoCallbacks(),
    startEchoSite(),
    startPortalSites(),
  ]);
  project.provide("receiverUrl", receiver.url);
  project.provide("dohUrl", doh.url);
  project.provide("jwksUrl", jwks.url);
  project.provide("sensUrl", sens.baseUrl);
  project.provide("kakaoCallbacks", { origin: kakao.origin, control: kakao.control });
  project.provide("echoSite", site.urls);
  project.provide("portalSites", portals.url);
  return () =>
    Promise.all([
      receiver.close(),
      doh.close(),
      jwks.close(),
      sens.close(),
      kakao.close(),
      site.close(),
      portals.close(),
    ]);
}
