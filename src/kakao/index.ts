export { cleanUpKakao } from "./clean-up.ts";
export { type KakaoVars } from "./settings.ts";
