export { maskCodes } from "./mask-codes.ts";
export { parseSms, type SmsInput } from "./parse-sms.ts";
export type { BankSms, CardSms, OtherSms, OtpSms, Sms } from "./sms-fields.ts";
export { type SmsText, smsTextOf } from "./sms-text.ts";
