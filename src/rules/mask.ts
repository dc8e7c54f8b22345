import { maskCodes } from "../sms/index.ts";
import type { Facts } from "./facts.ts";

export type Mask = (text: string) => string;

/** Hides the one-time codes of the request's message: whoever tests a rule need not see them. Null without codes. */
export function maskOf(facts: Facts): Mask | null {
  const sms = facts.sms();
  return "unreadable" in sms ? null : maskCodes(sms.value);
}

/** A parser's error quotes the body, and may cut a code in two: such a quotation is hidden as a whole. */
export function maskReason(reason: string, mask: Mask | null): string {
  return mask ? mask(reason.replace(/["'][^]*["']/, "******")) : reason;
}
