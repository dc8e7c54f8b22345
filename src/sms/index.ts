export { decodeText } from "./decode-text.ts";
export { maskCodes } from "./mask-codes.ts";
export { type MaskedBody, maskedBody, maskFields } from "./mask-copies.ts";
export { messageKey } from "./message-key.ts";
export { parseSms, type SmsInput } from "./parse-sms.ts";
export { type Forwarded, phoneMask, phoneSmsOf, phoneTextOf } from "./phone-text.ts";
export { saysNothing } from "./says-nothing.ts";
export type { BankSms, CardSms, OtherSms, OtpSms, Sms } from "./sms-fields.ts";
export { type SmsText, smsTextOf } from "./sms-text.ts";
