export { type ChannelWish, grantAccess, type Term } from "./grant-access.ts";
export { claimedOrganization, looksLikeToken } from "./read-token.ts";
export { type Grant, verifyToken } from "./verify-token.ts";
