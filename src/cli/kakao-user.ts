import { createHmac } from "node:crypto";
import type { Cli } from "./cli.ts";
import { LostAnswer } from "./cli-error.ts";
import { fetchFrom, readText } from "./fetch-from.ts";
import { readSkillAnswer } from "./kakao-answer.ts";
import type { KakaoCallbacks } from "./kakao-callbacks.ts";
import { SKILL_TIMEOUT_MS } from "./kakao-constants.ts";
import type { Json } from "./kakao-limits.ts";
import { skillPayload } from "./kakao-payload.ts";

/** What a user comes to see after a message. */
export type Heard =
  | { kind: "waiting"; text: string }
  | { kind: "answer"; by: "inline" | "callback"; answer: Json }
  /** Nothing of the skill server's; `why` says it to whoever tries it out. */
  | { kind: "fault"; why: string };

type User = {
  cli: Cli;
  webhookUrl: string;
  user: string;
  /** Undefined: the chatbot may not use callbacks. */
  callbacks?: KakaoCallbacks;
  /** Of the signature, where the deployment asks for one. */
  secret?: string;
};

/** Writes one message, as Kakao hands it on, and gives what the user sees until the answer has come, or never will. */
export async function* writeMessage(
  { cli, webhookUrl, user, callbacks, secret }: User,
  text: string,
): AsyncGenerator<Heard> {
  const say = cli.say.kakao;
  const callback = callbacks?.issue();
  const body = JSON.stringify(skillPayload({ user, text, callbackUrl: callback?.url }));
  const answer = await post(cli, webhookUrl, body, secret).catch((error: unknown) => {
    // Kakao has its own way with a skill server that is slow; one that is not there ends the command.
    if (error instanceof LostAnswer) return undefined;
    throw error;
  });
  if (!answer) return yield { kind: "fault", why: say.late };
  const read = readSkillAnswer(
    answer.status,
    answer.contentType,
    answer.text,
    callback !== undefined,
  );
  if (read.kind === "fault") {
    const isUnsigned = answer.status === 401;
    return yield { kind: "fault", why: isUnsigned ? say.unsigned : say.refused(read.why) };
  }
  if (read.kind === "inline") return yield { kind: "answer", by: "inline", answer: read.answer };
  if (read.waiting !== undefined) yield { kind: "waiting", text: read.waiting };
  const end = await callback?.end;
  if (end?.kind === "answer") yield { kind: "answer", by: "callback", answer: end.answer };
  else yield { kind: "fault", why: end?.kind === "refused" ? say.refused(end.why) : say.expired };
}

async function post({ say, signal }: Cli, url: string, body: string, secret?: string) {
  const headers = new Headers({ "content-type": "application/json;charset=UTF-8" });
  if (secret) {
    headers.set("x-kakao-signature", createHmac("sha256", secret).update(body).digest("hex"));
  }
  const init = { method: "POST", headers, body };
  const response = await fetchFrom(url, init, { say, signal, timeoutMs: SKILL_TIMEOUT_MS });
  const text = await readText(response, say);
  return { status: response.status, contentType: response.headers.get("content-type"), text };
}
