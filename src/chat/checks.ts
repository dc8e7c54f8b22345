import { ChatError } from "./chat-error.ts";
import {
  MAX_CONTENT_CHARS,
  MAX_PARTICIPANTS,
  MAX_TITLE_CHARS,
  MAX_USER_ID_CHARS,
} from "./constants.ts";
import type { ChatContext } from "./types.ts";

/** The text as it is stored; throws when it is empty or longer than clients of this version may send. */
export function checkContent({ version }: Pick<ChatContext, "version">, content: string): string {
  if (content === "") throw new ChatError("invalid_field", "content: must not be empty.");
  const limit = MAX_CONTENT_CHARS[version];
  if (content.length > limit) {
    throw new ChatError(
      "content_too_long",
      `content: may have ${limit} characters, and this has ${content.length}; send it in parts.`,
    );
  }
  // Half a character would come back as another one.
  return content.toWellFormed();
}

export function checkTitle(title: string): string {
  if (title.trim() === "") throw new ChatError("invalid_field", "title: must not be empty.");
  if (title.length > MAX_TITLE_CHARS) {
    throw new ChatError("invalid_field", `title: may have ${MAX_TITLE_CHARS} characters.`);
  }
  return title.toWellFormed();
}

export function checkUserId(userId: string): string {
  if (userId === "" || userId.length > MAX_USER_ID_CHARS || !userId.isWellFormed()) {
    throw new ChatError("invalid_field", `userId: must have 1 to ${MAX_USER_ID_CHARS} characters.`);
  }
  return userId;
}

/** The others among these users, each once; at least one, and no more than a group has place for. */
export function checkOthers(
  { user }: Pick<ChatContext, "user">,
  userIds: readonly string[],
): string[] {
  const others = new Set(userIds.map(checkUserId));
  others.delete(user.id);
  if (others.size === 0) throw new ChatError("invalid_field", "userIds: name another user.");
  if (others.size >= MAX_PARTICIPANTS) throw tooMany();
  return [...others];
}

export function tooMany(): ChatError {
  return new ChatError(
    "too_many_participants",
    `A group has at most ${MAX_PARTICIPANTS} participants, its maker included.`,
  );
}

export function blockedError(): ChatError {
  return new ChatError("blocked", "This user does not want to hear from you.");
}
