import {
  MAX_SLACK_FALLBACK_CHARS,
  MAX_SLACK_HEADER_CHARS,
  MAX_SLACK_SECTION_CHARS,
  MAX_SLACK_SECTIONS,
  MAX_SLACK_TEXT_CHARS,
} from "./constants.ts";
import type { OutgoingEvent } from "./driver.ts";
import { markOf, visibleText } from "./message-text.ts";
import type { Readable } from "./readable-body.ts";
import { escapeTo, split } from "./slack-text.ts";

type Text = { type: "mrkdwn"; text: string } | { type: "plain_text"; text: string; emoji: false };
type Block = { type: "header" | "section"; text: Text } | { type: "context"; elements: Text[] };

/** What is posted to an incoming webhook. */
export type SlackPayload = { text: string; blocks: Block[]; unfurl_links: false };

const FENCE = ["```\n", "\n```"] as const;

/** The event as a Slack message: who and what, the body, when. Keeps to Slack's limits and escapes everything. */
export function slackMessage(
  event: Pick<OutgoingEvent, "id" | "method" | "path" | "senderName" | "source" | "receivedAt">,
  body: Readable,
): SlackPayload {
  const title = `${event.source.name || event.source.slug} · ${event.method} ${event.path} · ${event.senderName}`;
  const { blocks, mark } = bodyBlocks(body);
  const time = new Date(event.receivedAt).toISOString().slice(0, 19).replace("T", " ");
  return {
    text: escapeTo(`${title}\n${body.text}`, MAX_SLACK_FALLBACK_CHARS),
    blocks: [
      { type: "header", text: plain(escapeTo(oneLine(title), MAX_SLACK_HEADER_CHARS)) },
      ...blocks,
      ...(mark === null ? [] : [context(mark)]),
      context(`${time} UTC · ${event.id}`),
    ],
    unfurl_links: false,
  };
}

/**
 * A text as a message of its own. It is shown as it stands: whoever wants markup sends blocks. The mark counts what did
 * not fit.
 */
export function slackText(text: string): { text: string; mrkdwn: false; unfurl_links: false } {
  const shown = visibleText({ text, kind: "text", unreadBytes: 0 });
  const { parts, rest } = split(shown, MAX_SLACK_TEXT_CHARS, 1);
  const mark = markOf(rest, 0);
  const whole = parts[0] ?? "";
  return { text: mark === null ? whole : `${whole}\n${mark}`, mrkdwn: false, unfurl_links: false };
}

function bodyBlocks(body: Readable): { blocks: Block[]; mark: string | null } {
  const [open, close] = body.kind === "code" ? FENCE : ["", ""];
  const room = MAX_SLACK_SECTION_CHARS - open.length - close.length;
  const { parts, rest } = split(body.text, room, MAX_SLACK_SECTIONS);
  const blocks = parts.map((part): Block => {
    if (body.kind === "code") {
      return { type: "section", text: { type: "mrkdwn", text: `${open}${part}${close}` } };
    }
    // Plain text: `8*1*` of a card's SMS is no bold, `:12:` no emoji.
    return { type: "section", text: plain(part) };
  });
  return { blocks, mark: markOf(rest, body.unreadBytes) };
}

function plain(text: string): Text {
  return { type: "plain_text", text, emoji: false };
}

function context(text: string): Block {
  return { type: "context", elements: [{ type: "mrkdwn", text }] };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
