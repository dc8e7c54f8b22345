import { html } from "hono/html";

/** Plain text with `code` in backticks, as the document's descriptions have it. */
export function withCode(text: string) {
  return text.split("`").map((part, index) => (index % 2 ? html`<code>${part}</code>` : part));
}
