import "vitest";
import type { EchoSite } from "./support/echo-site.ts";
import type { KakaoCallbackUrls } from "./support/kakao-callbacks.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Origin of a receiver that runs outside workerd, e.g. `http://127.0.0.1:40123`. */
    receiverUrl: string;
    /** A resolver of `test/support/doh.ts`. */
    dohUrl: string;
    /** A server of `test/support/jwks.ts`. */
    jwksUrl: string;
    /** The emulator of `test/emulators/sens.ts`; its modes hold for everybody who calls it. */
    sensUrl: string;
    /** Kakao's callback server of `test/support/kakao-callbacks.ts`. */
    kakaoCallbacks: KakaoCallbackUrls;
    /** The web site of `test/support/echo-site.ts`. */
    echoSite: EchoSite;
    /** `POST` with options starts a portal of `test/support/portal-sites.ts` and gives `{url}`. */
    portalSites: string;
    /** Two origins of `test/support/login-pages.ts`, of the project `browser` only. */
    loginPages: { origin: string; other: string };
    /** A state folder of `test/support/prepared-state.ts`; only in projects that have it. */
    preparedState?: string;
    /** A folder of `test/support/built-workers.ts`; only in projects that have it. */
    builtWorkers?: string;
    /** Of the simulated year's chance. */
    yearSeed: number;
    /** How much of it is lived. */
    yearDays: number;
  }
}
