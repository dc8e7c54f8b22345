import { createHash } from "node:crypto";

/** What one request of Kakao's is made of. */
export type Utterance = {
  /** The channel's key of the user (`plusfriendUserKey`). */
  user: string;
  text: string;
  /** Only where the chatbot may use callbacks. */
  callbackUrl?: string;
  botId?: string;
};

const BOT = "6a1f00000000000000000001";
const BLOCK = { id: "6a1f00000000000000000002", name: "폴백 블록" };

/**
 * A skill's request as Kakao's chatbots send it (skill guide, "SkillPayload" v2.0).
 * https://kakaobusiness.gitbook.io/main/tool/chatbot/skill_guide/answer_json_format
 */
export function skillPayload({ user, text, callbackUrl, botId = BOT }: Utterance) {
  // The bot's own key of a user is another one than the channel's.
  const botUserKey = createHash("sha256").update(`${botId}:${user}`).digest("hex");
  return {
    intent: {
      ...BLOCK,
      extra: { reason: { code: 1, message: "OK" } },
    },
    userRequest: {
      ...(callbackUrl === undefined ? {} : { callbackUrl }),
      timezone: "Asia/Seoul",
      params: { ignoreMe: "true", surface: "Kakaotalk.plusfriend" },
      block: BLOCK,
      utterance: text,
      lang: null,
      user: {
        id: botUserKey,
        type: "botUserKey",
        properties: {
          botUserKey,
          bot_user_key: botUserKey,
          plusfriendUserKey: user,
          plusfriend_user_key: user,
          isFriend: true,
        },
      },
    },
    bot: { id: botId, name: "baton" },
    action: {
      id: "6a1f00000000000000000003",
      name: "baton",
      clientExtra: null,
      params: {},
      detailParams: {},
    },
    contexts: [],
  };
}
