import type { IngestSource } from "../ingest/index.ts";
import { MAX_HOPS, readHops, storeForSource } from "../ingest/index.ts";
import { log } from "../log.ts";
import { answerCommand } from "./answer-command.ts";
import { jsonAnswer, plainError } from "./answers.ts";
import { checkSignature, mustBeSigned } from "./check-signature.ts";
import {
  MAX_EVENT_WAIT_MS,
  MAX_MESSAGE_BYTES,
  REPEAT_BUCKET_MS,
  SAME_CALLBACK_MS,
} from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import { readFirstJson } from "./first-json.ts";
import { holdRequest } from "./hold-request.ts";
import { readBody } from "./read-body.ts";
import { readCommand } from "./read-command.ts";
import { readSkillRequest, type SkillRequest } from "./read-skill-request.ts";
import { callbackAck, textResponse } from "./skill-response.ts";
import { storeMessage } from "./store-message.ts";
import { TEXTS } from "./texts.ts";
import { tellAccount } from "./topics.ts";
import { type Conversation, isPaired, upsertConversation } from "./upsert-conversation.ts";

/** As rules see every call of a KakaoTalk channel, whatever path it came by. */
const EVENT_PATH = "/kakao/webhook";

/** A webhook call that is not refused. */
type Call = {
  request: Request;
  body: Uint8Array<ArrayBuffer>;
  skill: SkillRequest;
  payload: string;
  arrivedAt: number;
};

/** Answers a KakaoTalk channel's webhook call: 401 and 4xx for what is refused, else 200 with what the user reads. */
export async function handleWebhook(
  deps: KakaoDeps,
  source: IngestSource,
  request: Request,
): Promise<Response> {
  const arrivedAt = Date.now();
  if (readHops(request.headers.get("x-baton-hops")) >= MAX_HOPS) {
    return plainError(508, "A destination leads back here; change its URL");
  }
  const isSigned = mustBeSigned(deps, source);
  const body = await readBody(request);
  if (!body && isSigned) return plainError(413, "Request body too large");
  if (!body) return plainError(400, "Invalid request body");
  const fault = await checkSignature(deps, source, request, body);
  if (fault) return plainError(401, fault);
  const json = readFirstJson(body);
  if (!json) return plainError(400, isSigned ? "Invalid JSON body" : "Invalid request body");
  const skill = readSkillRequest(json.value);
  if (!skill) return plainError(400, "Invalid request body");
  const size = new TextEncoder().encode(json.text + skill.text).byteLength;
  if (size > MAX_MESSAGE_BYTES) return plainError(413, "Request body too large");
  const payload = json.text;
  const answering = answerCall(deps, source, { request, body, skill, payload, arrivedAt });
  // Kakao hangs up after 5 s, which must not end what stores the message.
  deps.waitUntil(answering);
  return answering;
}

/** The call becomes an event whether or not it is answered, and is answered whether or not it becomes one. */
async function answerCall(deps: KakaoDeps, source: IngestSource, call: Call): Promise<Response> {
  const toStore = storeEvent(deps, source, call);
  deps.waitUntil(toStore);
  const storing = inTime(toStore);
  try {
    const conversation = await upsertConversation(deps, source, call.skill);
    const command = readCommand(call.skill.text);
    const answer = command
      ? textResponse(await answerCommand(deps, conversation, command))
      : await takeMessage(deps, conversation, call, storing);
    return jsonAnswer(200, answer);
  } catch (error) {
    log.error("kakao_call_failed", { sourceId: source.id, error });
    return jsonAnswer(200, textResponse(TEXTS.tryAgain));
  } finally {
    await storing;
  }
}

async function takeMessage(
  deps: KakaoDeps,
  conversation: Conversation,
  { request, skill, payload, arrivedAt }: Call,
  storing: Promise<string | null>,
) {
  if (!isPaired(conversation)) return textResponse(TEXTS.unpaired);
  const eventId = await storing;
  const message = await storeMessage(deps, conversation, { skill, payload, eventId, arrivedAt });
  if (!message) return textResponse(TEXTS.unpaired);
  if (!message.isRepeat) {
    const hint = { kind: "message", messageId: message.id } as const;
    deps.waitUntil(tellAccount(deps, conversation.accountId, hint));
  }
  if (skill.callbackUrl !== null) return callbackAck(deps.kakao.waitingText);
  const { signal } = request;
  const answer = await holdRequest(deps, conversation.id, message, { arrivedAt, signal });
  return answer ?? textResponse(TEXTS.answerComesLater);
}

/** Null also when it takes too long: a message that Kakao has given up is lost, an event is stored all the same. */
async function inTime(storing: Promise<string | null>): Promise<string | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), MAX_EVENT_WAIT_MS);
  try {
    return await Promise.race([storing, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The event's id; null when it could not be stored. */
async function storeEvent(
  deps: KakaoDeps,
  source: IngestSource,
  { request, body, skill, payload }: Call,
): Promise<string | null> {
  const { callbackUrl, conversationKey } = skill;
  const once =
    callbackUrl === null
      ? { value: `kakao body ${payload}`, windowMs: REPEAT_BUCKET_MS }
      : { value: `kakao callback ${conversationKey} ${callbackUrl}`, windowMs: SAME_CALLBACK_MS };
  try {
    const taken = { request, path: EVENT_PATH, body, senderName: conversationKey, once };
    return await storeForSource(deps, source, taken);
  } catch (error) {
    log.error("kakao_event_not_stored", { sourceId: source.id, error });
    return null;
  }
}
