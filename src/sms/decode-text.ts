import { decodeCp949 } from "../decode-cp949.ts";

/** UTF-8 without its byte order mark; EUC-KR when it is not UTF-8; null for bytes that are no text. */
export function decodeText(bytes: Uint8Array): string | null {
  const text = decodeUtf8(bytes) ?? decodeKorean(bytes);
  return text === null || /[^\P{Cc}\t\n\r]/u.test(text) ? null : text;
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}

/** EUC-KR as Windows writes it, CP949. Node's own decoder, in a local session, makes other text of it and says nothing. */
function decodeKorean(bytes: Uint8Array): string | null {
  const text = decodeCp949(bytes);
  return text.includes("\ufffd") ? null : text;
}

/** The fields of a urlencoded form. Values are decoded as bytes first: an old phone escapes EUC-KR. */
export function formFields(text: string): [string, string][] {
  return text
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = equals < 0 ? pair : pair.slice(0, equals);
      return [unescape(name), unescape(equals < 0 ? "" : pair.slice(equals + 1))];
    });
}

function unescape(part: string): string {
  const raw = new TextEncoder().encode(part.replaceAll("+", " "));
  const bytes = new Uint8Array(raw.length);
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    const hex = raw[i] === 0x25 ? String.fromCharCode(raw[i + 1] ?? 0, raw[i + 2] ?? 0) : "";
    const isEscape = /^[0-9A-Fa-f]{2}$/.test(hex);
    bytes[length++] = isEscape ? Number.parseInt(hex, 16) : (raw[i] ?? 0);
    if (isEscape) i += 2;
  }
  const used = bytes.subarray(0, length);
  return decodeUtf8(used) ?? decodeKorean(used) ?? new TextDecoder().decode(used);
}

/** The text fields of a multipart body; files are passed over. Both line ends are read. */
export function multipartFields(contentType: string, text: string): [string, string][] {
  const boundary = /boundary="?([^";,]{1,200})"?/i.exec(contentType)?.[1];
  if (!boundary) return [];
  return text
    .replaceAll("\r\n", "\n")
    .split(`--${boundary}`)
    .slice(1)
    .flatMap((part) => {
      const end = part.indexOf("\n\n");
      const head = part.slice(0, Math.max(0, end));
      const name = /;[ \t]*name="([^"\n]{1,200})"/i.exec(head)?.[1];
      if (!name || /;[ \t]*filename=/i.test(head)) return [];
      return [[name, part.slice(end + 2).replace(/\n$/, "")] as [string, string]];
    });
}
