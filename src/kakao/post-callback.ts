import { assertPublicName, readCapped, startDeadline } from "../destinations/index.ts";
import { BatonError } from "../errors.ts";
import { readCallbackUrl } from "./callback-url.ts";
import { CALLBACK_TIMEOUT_MS, MAX_REFUSAL_BYTES, MIN_SECRET_CHARS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import type { SkillResponse } from "./skill-response.ts";

/** `wasCalled`: something may have reached Kakao, which takes one answer. */
export type CallbackOutcome = { ok: true } | { ok: false; reason: string; wasCalled: boolean };

/** Hands an answer to Kakao, once. Any 2xx is a success; a redirect is not followed. Never throws. */
export async function postCallback(
  ctx: Pick<KakaoDeps, "kakao" | "settings">,
  callbackUrl: string,
  response: SkillResponse,
): Promise<CallbackOutcome> {
  const url = readCallbackUrl(callbackUrl, ctx.kakao.callbackOrigins);
  if (!url)
    return { ok: false, reason: "the callback URL is not one of Kakao's", wasCalled: false };
  const deadline = startDeadline(CALLBACK_TIMEOUT_MS);
  try {
    const problem = await deadline.race(nameProblem(ctx, url));
    if (problem !== null) return { ok: false, reason: problem, wasCalled: false };
    const answer = await deadline.race(
      fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(response),
        redirect: "manual",
        signal: deadline.signal,
      }),
    );
    if (answer.ok) {
      // Nothing depends on what it says.
      void answer.body?.cancel().catch(() => {});
      return { ok: true };
    }
    const refusal = await describeRefusal(answer, deadline.race);
    return { ok: false, reason: withoutUrl(refusal, url), wasCalled: true };
  } catch {
    const reason = deadline.hasStruck()
      ? `Kakao did not answer within ${CALLBACK_TIMEOUT_MS / 1000} s`
      : "the connection to Kakao failed";
    return { ok: false, reason, wasCalled: true };
  } finally {
    deadline.clear();
  }
}

/** An origin that the local session allows is one of this machine. */
async function nameProblem(
  { kakao, settings }: Pick<KakaoDeps, "kakao" | "settings">,
  url: URL,
): Promise<string | null> {
  if (kakao.callbackOrigins.includes(url.origin)) return null;
  try {
    await assertPublicName({ url: url.href, field: "callbackUrl" }, settings);
    return null;
  } catch (error) {
    if (error instanceof BatonError) return "the callback URL does not lead to the internet";
    throw error;
  }
}

/** Whoever has the URL answers the user in the agent's place; a server may repeat it, or a part of it, in its error. */
function withoutUrl(text: string, { href, pathname, search }: URL): string {
  const secrets = [href, pathname + search, ...pathname.split("/"), ...search.split(/[?&=]/)];
  return secrets
    .flatMap((secret) => [secret, safelyDecoded(secret)])
    .filter(({ length }) => length >= MIN_SECRET_CHARS)
    .reduce((masked, secret) => masked.replaceAll(secret, "******"), text);
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function describeRefusal(
  answer: Response,
  race: <T>(read: Promise<T>) => Promise<T>,
): Promise<string> {
  const said = answer.body ? await readCapped(answer.body, MAX_REFUSAL_BYTES, race) : null;
  const text = said ? new TextDecoder().decode(said.bytes).trim() : "";
  return text === ""
    ? `Kakao answered ${answer.status}`
    : `Kakao answered ${answer.status}: ${text}`;
}
