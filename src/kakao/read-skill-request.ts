import { MAX_KEY_CHARS } from "./constants.ts";

/** What the relay reads of a skill request. */
export type SkillRequest = {
  conversationKey: string;
  userKey: string;
  channelId: string;
  /** As typed, untrimmed. */
  text: string;
  callbackUrl: string | null;
};

type Fields = Record<string, unknown>;

/**
 * Reads a skill request, whatever else is in it; null when something the relay reads is of another type. Nothing is
 * required: `{}` is the text "" of the user "" in the channel `default`.
 */
export function readSkillRequest(value: unknown): SkillRequest | null {
  try {
    return read(value);
  } catch (error) {
    if (error instanceof WrongType) return null;
    throw error;
  }
}

function read(value: unknown): SkillRequest {
  const root = fields(value);
  const userRequest = fields(root.userRequest);
  const user = fields(userRequest.user);
  const { plusfriendUserKey } = fields(user.properties);
  const id = text(user.id);
  const userKey = key(typeof plusfriendUserKey === "string" ? plusfriendUserKey : id);
  const channelId = key(text(fields(root.bot).id)) || "default";
  return {
    conversationKey: `${channelId}:${userKey}`,
    userKey,
    channelId,
    text: text(userRequest.utterance),
    callbackUrl: text(userRequest.callbackUrl) || null,
  };
}

class WrongType extends Error {}

function fields(value: unknown): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new WrongType();
  return value as Fields;
}

/** Well-formed, so that what is stored equals what was read. */
function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new WrongType();
  return value.toWellFormed();
}

function key(value: string): string {
  if (value.length > MAX_KEY_CHARS) throw new WrongType();
  return value.toWellFormed();
}
