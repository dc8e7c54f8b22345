import { toBase64 } from "../crypto.ts";

/** One attempt's request, as a command line needs it. Secrets are masked already. */
export type CurlRequest = { method: string; url: string; headers: [string, string][] };

/** What is sent with it: bytes, or the URL of Baton's API where they can be fetched; null: no body. */
export type CurlBody = Uint8Array<ArrayBuffer> | { url: string } | null;

/**
 * A command for bash and zsh that sends the request again. The body comes through a pipe: an argument may have 128 KiB
 * only, and curl reads one that begins with `@` from a file.
 */
export function curlCommand(request: CurlRequest, body: CurlBody): string {
  const { method, url, headers } = request;
  const hasType = headers.some(([name]) => name.toLowerCase() === "content-type");
  const words = [
    "curl",
    ...methodWords(method, body !== null),
    // Brackets and braces in a URL would be patterns.
    ...(/[[\]{}]/.test(url) ? ["--globoff"] : []),
    quote(url),
  ];
  const lines = [
    words.join(" "),
    ...headers.map(([name, value]) => `-H ${quote(headerLine(name, value))}`),
    // Without this curl would call the body a form.
    ...(body !== null && !hasType ? ["-H 'content-type:'"] : []),
    ...(body === null ? [] : ["--data-binary @-"]),
  ];
  return `${pipe(body)}${lines.join(" \\\n  ")}\n`;
}

function methodWords(method: string, hasBody: boolean): string[] {
  // `-X HEAD` would wait for a body that never comes.
  if (method === "HEAD" && !hasBody) return ["--head"];
  return method === "GET" && !hasBody ? [] : ["-X", quote(method)];
}

/** `name;` is curl's way to send a header without a value. */
function headerLine(name: string, value: string): string {
  return value === "" ? `${name};` : `${name}: ${value}`;
}

function pipe(body: CurlBody): string {
  if (body === null) return "";
  if (!(body instanceof Uint8Array)) {
    return `curl -sS -H 'authorization: Bearer <API key>' ${quote(body.url)} | `;
  }
  const text = asText(body);
  return text === null
    ? `printf %s ${quote(toBase64(body))} | base64 -d | `
    : `printf %s ${quote(text)} | `;
}

/** The text of UTF-8 bytes without NUL, which no shell word can hold; else null. */
function asText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

// Control characters, C1 ones too, and those that turn the direction of text: pasted, they would act on the terminal.
const UNSAFE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One word for the shell. Line breaks stay readable; other control characters are escaped, as `$'…'` can. */
export function quote(text: string): string {
  // zsh takes a word that begins with `=` for the path of a command.
  if (/^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:@%+=,-]*$/.test(text)) return text;
  if (text.replaceAll("\n", "").search(UNSAFE) < 0) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll(UNSAFE, escape);
  return `$'${escaped}'`;
}

function escape(character: string): string {
  const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
  if (known) return known;
  const bytes = new TextEncoder().encode(character);
  return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
