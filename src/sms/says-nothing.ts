import { exceedsDepth } from "../json-depth.ts";
import { MAX_SMS_JSON_DEPTH } from "./constants.ts";
import { decodeText, multipartFields } from "./decode-text.ts";

/** A form whose fields all have no value. */
const EMPTY_FORM = /^(?:[\w.-]{1,60}=(?:\+|%20|\s)*(?:&|$))+$/;

/** True for a body without any content: blanks, or JSON or a form in which every value is blank. */
export function saysNothing(contentType: string | null, bytes: Uint8Array): boolean {
  const text = decodeText(bytes)?.trim();
  // Bytes that are no text are content.
  if (text === undefined) return false;
  if (text === "" || EMPTY_FORM.test(text)) return true;
  if (/^[{["]/.test(text)) return isBlankJson(text);
  if (!/^multipart\/form-data/i.test(contentType ?? "") || text.includes("filename=")) return false;
  const fields = multipartFields(contentType ?? "", text);
  return fields.length > 0 && fields.every(([, value]) => value.trim() === "");
}

function isBlankJson(text: string): boolean {
  if (exceedsDepth(text, MAX_SMS_JSON_DEPTH)) return false;
  try {
    return isBlank(JSON.parse(text));
  } catch {
    return false;
  }
}

function isBlank(value: unknown): boolean {
  if (typeof value === "string") return value.trim() === "";
  if (typeof value !== "object") return false;
  return value === null || Object.values(value).every(isBlank);
}
