import { type Channels, type Position, parsePosition } from "../channels/index.ts";
import { ChatError } from "../chat/index.ts";
import { log } from "../log.ts";

/** Where a topic's log is now. Throws `unavailable`. */
export async function readPlace(channels: Channels, topic: string): Promise<Position> {
  try {
    const { position } = await channels.getByName(topic).history(null, 1);
    const place = parsePosition(position);
    if (place) return place;
  } catch (error) {
    log.warn("chat_place_not_read", { error });
  }
  throw new ChatError("unavailable", "Chat cannot be reached now; try again.", 1);
}
