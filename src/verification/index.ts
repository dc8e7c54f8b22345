// `schemas.ts` is not here: the edge Worker bundles this file, and needs no zod.
export {
  answerSignedChallenge,
  answerUnsignedChallenge,
  type ChallengeAnswer,
} from "./challenges.ts";
export { MAX_VERIFIED_BODY_BYTES } from "./constants.ts";
export { maskVerification, settleVerification } from "./mask-verification.ts";
export { tokenHeaderOf, verifyIncoming } from "./presets.ts";
export { openVerification, sealVerification } from "./seal-verification.ts";
export type { Failure, Incoming, Verification } from "./verification.ts";
