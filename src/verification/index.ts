// `schemas.ts` is not here: the edge Worker bundles this file, and needs no zod.
export {
  answerSignedChallenge,
  answerUnsignedChallenge,
  type ChallengeAnswer,
} from "./challenges.ts";
export { MAX_VERIFIED_BODY_BYTES } from "./constants.ts";
export type { HmacCheck } from "./hmac.ts";
export { maskVerification, settleVerification } from "./mask-verification.ts";
export { startVerification, TOKEN_HEADERS, tokenHeadersOf, verifyIncoming } from "./presets.ts";
export { openVerification, sealVerification } from "./seal-verification.ts";
export type { Failure, Head, Incoming, Verification } from "./verification.ts";
