import { KAKAO_CALLBACK_PORTS } from "./constants.ts";
import { isLoopback, type Settings } from "./settings.ts";

/**
 * Origins of this machine that answers for KakaoTalk users may go to. By default those of the simulator; but none while
 * others reach the session, for whoever calls its webhook names the address.
 */
export function kakaoCallbackOrigins({ vars, host, publicUrl }: Settings): string {
  if (vars.KAKAO_CALLBACK_ORIGINS !== undefined) return vars.KAKAO_CALLBACK_ORIGINS;
  if (!isLoopback(host) || publicUrl) return "";
  return KAKAO_CALLBACK_PORTS.map((port) => `http://127.0.0.1:${port}`).join(",");
}
