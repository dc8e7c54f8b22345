import type { Sms } from "./sms-fields.ts";

const MASK = "******";

/** Replaces the codes of a message wherever they stand in a text, also with their digits grouped; null without codes. */
export function maskCodes(sms: Sms): ((text: string) => string) | null {
  const codes = codesOf(sms);
  if (codes.length === 0) return null;
  // Codes are letters and digits only, so nothing has to be escaped.
  const forms = codes.map((code) => code.split("").join("[ -]?"));
  const pattern = new RegExp(
    `(?<![A-Za-z0-9])(?:[A-Z]{1,3}-)?(?:${forms.join("|")})(?![A-Za-z0-9])`,
    "g",
  );
  const glued = new RegExp(codes.join("|"), "g");
  return (text) => text.normalize("NFKC").replace(pattern, MASK).replace(glued, MASK);
}

function codesOf(sms: Sms): string[] {
  switch (sms.kind) {
    case "otp":
      return [sms.code];
    case "bank":
      return sms.accountVerifyCode ? [sms.accountVerifyCode] : [];
    case "other":
      return sms.lockerCode ? [sms.lockerCode] : [];
    case "card":
      return [];
  }
}
