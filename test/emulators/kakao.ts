import { createHmac } from "node:crypto";
import { readSkillAnswer, type SkillAnswer } from "../../src/cli/kakao-answer.ts";
import { type CallbackEnd, openKakaoCallbacks } from "../../src/cli/kakao-callbacks.ts";
import { SKILL_TIMEOUT_MS } from "../../src/cli/kakao-constants.ts";
import { skillPayload } from "../../src/cli/kakao-payload.ts";
import { type Json, answer as send } from "./serve.ts";

/**
 * `ok`: strict, as Kakao. `down` (500), `redirect` (302 to another address of this server) and `hang` (no answer) stand
 * for callback servers in trouble.
 */
export type KakaoMode = "ok" | "down" | "redirect" | "hang";

/** A request that Kakao has sent to the skill server, and what it made of the answer. */
export type Written = {
  payload: Json;
  /** Null: no answer within 5 s. */
  status: number | null;
  body: Json | null;
  answer: SkillAnswer;
  /** Of the callback URL; undefined where the request had none. */
  end: Promise<CallbackEnd> | undefined;
};

type Options = {
  /** The skill server. */
  webhookUrl: string;
  /** Key of `X-Kakao-Signature`. */
  secret?: string;
  /** How long a callback URL is good for. */
  validMs?: number;
  port?: number;
};

/** A KakaoTalk channel's chatbot with its callback server, which refuses whatever Kakao refuses. */
export async function startKakao({ webhookUrl, secret, validMs, port }: Options) {
  let mode: KakaoMode = "ok";
  const callbacks = await openKakaoCallbacks({
    port,
    validMs,
    trouble: (request, response) => {
      if (mode === "ok") return false;
      if (mode === "down") send(response, 500, { status: "ERROR" });
      if (mode === "redirect") {
        send(response, 302, null, { location: `${callbacks.origin}/followed${request.url}` });
        // Whoever follows is refused there, and that shows in `refusals`.
        mode = "ok";
      }
      return true;
    },
  });

  /** Sends a payload as it is, e.g. one more time. */
  async function post(
    payload: Json,
  ): Promise<{ status: number; type: string | null; text: string }> {
    const body = JSON.stringify(payload);
    const headers = new Headers({ "content-type": "application/json;charset=UTF-8" });
    if (secret) {
      headers.set("x-kakao-signature", createHmac("sha256", secret).update(body).digest("hex"));
    }
    const response = await fetch(webhookUrl, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(SKILL_TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, type: response.headers.get("content-type"), text };
  }

  /** A user writes. */
  async function write(user: string, text: string, hasCallback = true): Promise<Written> {
    const callback = hasCallback ? callbacks.issue() : undefined;
    const payload = skillPayload({ user, text, callbackUrl: callback?.url });
    const end = callback?.end;
    let answered: Awaited<ReturnType<typeof post>>;
    try {
      answered = await post(payload);
    } catch (error) {
      const answer = { kind: "fault", why: String(error) } as const;
      return { payload, status: null, body: null, answer, end };
    }
    const { status, type, text: body } = answered;
    const answer = readSkillAnswer(status, type, body, hasCallback);
    return { payload, status, body: parse(body), answer, end };
  }

  return {
    /** What answers may be sent to. */
    origin: callbacks.origin,
    refusals: callbacks.refusals,
    issue: () => callbacks.issue(),
    post,
    write,
    setMode(next: KakaoMode) {
      mode = next;
    },
    close: () => callbacks.close(),
  };
}

export type Kakao = Awaited<ReturnType<typeof startKakao>>;

/** The only text of an answer, or what it is instead. */
export function textOf(answer: Json | null): unknown {
  const outputs = (answer?.template as { outputs?: Json[] } | undefined)?.outputs ?? [];
  const texts = outputs.map(({ simpleText }) => (simpleText as Json | undefined)?.text);
  return texts.length === 1 ? texts[0] : texts;
}

function parse(text: string): Json | null {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
