export { CLOCK_LEEWAY_SECONDS, OWN_ISSUER } from "./constants.ts";
export { fetchPublic } from "./fetch-public.ts";
export type { IssuerKeys } from "./find-issuer.ts";
export { type ChannelWish, grantAccess, type Term } from "./grant-access.ts";
export {
  claimedOrganization,
  looksLikeToken,
  readToken,
  type UnverifiedToken,
} from "./read-token.ts";
export { RefusedToken } from "./refused-token.ts";
export { signToken } from "./sign-token.ts";
export { type GivenToken, type VerifiedToken, verifyByKeys, verifyOwn } from "./verify-jwt.ts";
export { type Grant, verifyToken } from "./verify-token.ts";
