import { readSlackMessage, type SlackMessage } from "../slack-message.ts";
import { MAX_SLACK_BLOCKS, MAX_SLACK_SENDER_CHARS } from "./constants.ts";
import type { OutgoingEvent } from "./driver.ts";
import { escapeTo } from "./slack-text.ts";

/**
 * The message that a caller of a Slack source has posted: it goes on as it is, its markup, blocks and attachments its
 * own. Null for an event that is none, or that came before its source took Slack messages.
 */
export async function readOwnMessage(
  { source, openBody, senderName }: OutgoingEvent,
  showSender: boolean,
): Promise<SlackMessage | null> {
  if (source.preset !== "slack") return null;
  const body = await openBody();
  if (body instanceof ReadableStream) {
    await body.cancel();
    return null;
  }
  const message = body && readSlackMessage(body);
  return message && showSender ? withSender(message, senderName) : message;
}

/**
 * Adds who sent it, at the end of what is shown: as a block where there are blocks, else as a line of the text. Where no
 * block has room, as an attachment: those are shown below the blocks.
 */
export function withSender(message: SlackMessage, name: string): SlackMessage {
  const { text, blocks, attachments } = message;
  const line = escapeTo(`sent by ${name.replace(/\s+/g, " ")}`, MAX_SLACK_SENDER_CHARS);
  if (!Array.isArray(blocks) || blocks.length === 0) {
    const isThere = (typeof text === "string" && text !== "") || typeof text === "number";
    return { ...message, text: isThere ? `${text}\n${line}` : line };
  }
  if (blocks.length < MAX_SLACK_BLOCKS) {
    const elements = [{ type: "plain_text", text: line, emoji: false }];
    return { ...message, blocks: [...(blocks as unknown[]), { type: "context", elements }] };
  }
  const before: unknown[] = Array.isArray(attachments) ? attachments : [];
  return { ...message, attachments: [...before, { fallback: line, text: line }] };
}
