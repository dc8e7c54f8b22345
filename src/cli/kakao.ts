import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import { registerKakaoAgent } from "./kakao-agent.ts";
import { registerKakaoSimulate } from "./kakao-simulate.ts";

/** `kakao`: both ends of a KakaoTalk channel, for trying. */
export function registerKakao(program: Command, cli: Cli): void {
  const group = program.command("kakao").description(cli.say.kakao.group);
  registerKakaoSimulate(group, cli);
  registerKakaoAgent(group, cli);
}
