import { MAX_DISCORD_CHARS } from "./constants.ts";
import { fit, type Piece, plainPieces, visibleText } from "./message-text.ts";
import type { Readable } from "./readable-body.ts";

/** What is posted to a Discord webhook. */
export type DiscordPayload = {
  content: string;
  /** Nothing in a relayed text calls anybody, `@everyone` included. */
  allowed_mentions: { parse: [] };
  /** SUPPRESS_EMBEDS: nobody's link is opened for a preview. */
  flags: 4;
};

const FENCE = "```";
const OPEN = `${FENCE}\n`;
const CLOSE = `\n${FENCE}`;

/** Links stay whole and unescaped, as a backslash would become a part of them; a longer one is text like any other. */
const PIECE = /https?:\/\/[^\s<>]{1,500}|(?<markup>[\\*_~`|[\]<>]|^[#-])|[\s\S]/gmu;

/** The body as a Discord message, cut to what Discord takes: its own text, without markup. */
export function discordMessage(body: Readable): DiscordPayload {
  return { content: contentOf(body), allowed_mentions: { parse: [] }, flags: 4 };
}

function contentOf(body: Readable): string {
  const text = visibleText(body);
  // A fence inside would end ours, and what follows it would be markup.
  if (body.kind === "code" && !text.includes(FENCE)) {
    const room = MAX_DISCORD_CHARS - OPEN.length - CLOSE.length;
    const cut = fit(text, plainPieces(text), room, body.unreadBytes);
    return `${OPEN}${cut.text}${CLOSE}${cut.mark}`;
  }
  const cut = fit(text, escapedPieces(text), MAX_DISCORD_CHARS, body.unreadBytes);
  return cut.text + cut.mark;
}

/**
 * `8*1*` of a card's SMS is no italics, `[text](link)` hides no link, `<@1>` is nobody, and a line's first `#` or `-`
 * makes no heading or list of it.
 */
function* escapedPieces(text: string): Generator<Piece> {
  for (const { 0: found, groups } of text.matchAll(PIECE)) {
    const shown = groups?.markup === undefined ? found : `\\${found}`;
    yield { shown, chars: Array.from(found).length };
  }
}
