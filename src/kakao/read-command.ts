/** What a user's text asks of the relay itself. */
export type Command =
  | { kind: "pair"; code: string }
  | { kind: "unpair" }
  | { kind: "status" }
  | { kind: "help" };

/**
 * Reads a command: lower case, and nothing behind it but a pairing code. Null for everything else, also `/pair` alone:
 * it is a message.
 */
export function readCommand(utterance: string): Command | null {
  const text = utterance.trim();
  if (text === "/unpair") return { kind: "unpair" };
  if (text === "/status") return { kind: "status" };
  if (text === "/help") return { kind: "help" };
  return text.startsWith("/pair ") ? { kind: "pair", code: text.slice(6) } : null;
}
