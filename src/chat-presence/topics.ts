import type { ChatContext } from "../chat/index.ts";
import { userTopic } from "../chat/index.ts";
import { inTurns } from "./in-turns.ts";

/** Name of the object through which a user's presence connections are told. */
export function presenceTopic(organizationId: string, userId: string): string {
  return `presence:${organizationId}:${userId}`;
}

type Ctx = Pick<ChatContext, "channels" | "user">;

/** How many connections a user has. One that cannot be asked has none. */
export async function countConnections(
  { channels, user }: Ctx,
  userId = user.id,
): Promise<{ chat: number; presence: number }> {
  const count = async (topic: string) => {
    try {
      return (await channels.getByName(topic).describe()).sockets;
    } catch {
      return 0;
    }
  };
  const [chat, presence] = await Promise.all([
    count(userTopic(user.organizationId, userId)),
    count(presenceTopic(user.organizationId, userId)),
  ]);
  return { chat, presence };
}

/** Tells connections of users something that is kept nowhere. Who cannot be reached is not told. */
export async function tellUsers(
  { channels, user }: Ctx,
  userIds: readonly string[],
  topicOf: (organizationId: string, userId: string) => string,
  frame: object,
): Promise<void> {
  const text = JSON.stringify(frame);
  await inTurns(userIds, (userId) =>
    channels
      .getByName(topicOf(user.organizationId, userId))
      .broadcast([text])
      .catch(() => {}),
  );
}
