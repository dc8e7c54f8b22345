export { MAX_OPEN_CODES, PAIRING_TTL_MS } from "./constants.ts";
export { hashToken, makeRelayToken, newPairingCode, newSessionToken } from "./tokens.ts";
export { accountTopic, sessionTopic, tellAccount, tellSession } from "./topics.ts";
