import { decodeCp949 } from "../decode-cp949.ts";
import { CHARSET_SEARCH_BYTES } from "./constants.ts";

/** Names of EUC-KR, which all mean CP949 on the web. */
const KOREAN = /^(euc-?kr|ks_?c_?5601.*|ksc5601|korean|cp-?949|ms949|windows-949|uhc)$/;

/** A body as text: in the charset that its header names, or its page, else as UTF-8. */
export function bodyText(headers: readonly [string, string][], body: Uint8Array): string {
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  const charset = charsetIn(type) ?? charsetOfPage(body) ?? "utf-8";
  if (KOREAN.test(charset)) return decodeCp949(body);
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

function charsetIn(text: string): string | null {
  return /charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(text)?.[1]?.toLowerCase() ?? null;
}

function charsetOfPage(body: Uint8Array): string | null {
  const head = new TextDecoder("latin1").decode(body.subarray(0, CHARSET_SEARCH_BYTES));
  const meta = /<meta[^>]+charset[^>]*>/i.exec(head)?.[0];
  return meta === undefined ? null : charsetIn(meta);
}
