import "vitest";
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
    /** A state folder of `test/support/prepared-state.ts`; only in projects that have it. */
    preparedState?: string;
  }
}
