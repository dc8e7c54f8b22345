import { exceedsDepth } from "../json-depth.ts";
import { MAX_SMS_JSON_DEPTH } from "./constants.ts";
import { decodeText, formFields } from "./decode-text.ts";

type Mask = (text: string) => string;
export type MaskedBody = Uint8Array<ArrayBuffer>;

/** A raw query or form with the codes in its values masked. Fields without one stay as they were written. */
export function maskFields(raw: string, mask: Mask): string {
  return raw
    .split("&")
    .map((pair) => {
      const [[name, value] = ["", ""]] = formFields(pair);
      if (value === "") return hasCode(name, mask) ? encodeURIComponent(mask(name)) : pair;
      return hasCode(value, mask)
        ? `${pair.slice(0, pair.indexOf("="))}=${encodeURIComponent(mask(value))}`
        : pair;
    })
    .join("&");
}

/**
 * A body as a copy of it shows it, in UTF-8: codes are masked, also where JSON or a form has escaped them. The same
 * bytes when there are none.
 */
export function maskedBody(contentType: string | null, bytes: MaskedBody, mask: Mask): MaskedBody {
  const text = decodeText(bytes);
  if (text === null) return bytes;
  const masked = maskedText(contentType, text, mask);
  return masked === text ? bytes : new Uint8Array(new TextEncoder().encode(masked));
}

function maskedText(contentType: string | null, text: string, mask: Mask): string {
  if (/^\s*[{["\d]/.test(text) && !exceedsDepth(text, MAX_SMS_JSON_DEPTH)) {
    try {
      return maskJson(text, mask);
    } catch {
      // Broken by a template: text like any other.
    }
  }
  const isForm = contentType?.toLowerCase().startsWith("application/x-www-form-urlencoded");
  if (isForm && text.includes("=")) return maskFields(text, mask);
  return hasCode(text, mask) ? mask(text) : text;
}

/** Laid out anew only when there is something to mask. */
function maskJson(text: string, mask: Mask): string {
  let isMasked = false;
  const masked = JSON.stringify(JSON.parse(text), (_, value: unknown) => {
    if (typeof value !== "string" && typeof value !== "number") return value;
    const shown = String(value);
    if (!hasCode(shown, mask)) return value;
    isMasked = true;
    return mask(shown);
  });
  return isMasked ? masked : text;
}

/** The mask also rewrites a text in NFKC, which alone is no reason to change it. */
function hasCode(text: string, mask: Mask): boolean {
  return mask(text) !== text.normalize("NFKC");
}
