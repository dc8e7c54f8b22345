export { cleanUpKakao } from "./clean-up.ts";
export { createCode } from "./create-code.ts";
export { createSession } from "./create-session.ts";
export { type KakaoVars, kakaoSettingsOrNull } from "./settings.ts";
export { hashToken, makeRelayToken } from "./tokens.ts";
export { accountTopic, sessionTopic, tellAccount, tellSession } from "./topics.ts";
