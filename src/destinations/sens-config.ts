import { z } from "zod";
import { PhoneNumber } from "../phone-number.ts";
import { strict } from "../strict.ts";
import {
  DEFAULT_TIMEOUT_MS,
  MAX_SENS_DAILY_CAP,
  MAX_SENS_RECIPIENTS,
  MAX_TIMEOUT_MS,
  MAX_URL_CHARS,
  MIN_TIMEOUT_MS,
} from "./constants.ts";
import { isLocalHttp } from "./local-http.ts";
import { MASK, MASK_REMEDY } from "./mask.ts";
import { messagingFields } from "./messaging-fields.ts";

const SENS_URL = "https://sens.apigw.ntruss.com";
/** Unreserved characters only: the path is signed and sent as it is. */
const SERVICE_ID = /^ncp:sms:[a-z]{2,10}:\d{6,20}:[\w.~-]{1,100}$/;
const ACCESS_KEY = /^[\w-]{10,100}$/;
const SECRET_KEY = /^[\x21-\x7e]{10,200}$/;

/** A text with a rule of its own; `problem` says how to mend it. */
const checked = (maxChars: number, problem: (text: string) => string | null) =>
  z
    .string()
    .max(maxChars)
    .superRefine((text, ctx) => {
      const message = text.includes(MASK) ? MASK_REMEDY : problem(text);
      if (message !== null) ctx.addIssue({ code: "custom", message });
    });

export const SensConfig = strict({
  serviceId: checked(200, serviceProblem).meta({
    description: "Of an SMS project in the console: `ncp:sms:kr:<digits>:<project>`",
  }),
  accessKey: checked(100, (text) =>
    ACCESS_KEY.test(text) ? null : "is no access key id; copy it from the console",
  ).meta({ description: "Access key id of the account or sub account; answered masked" }),
  secretKey: checked(200, (text) =>
    SECRET_KEY.test(text) ? null : "is no secret key; copy it from the console",
  ).meta({ description: "The access key's secret; answered masked" }),
  from: PhoneNumber.meta({ description: "A sender's number that the console has registered" }),
  to: z
    .array(PhoneNumber)
    .max(MAX_SENS_RECIPIENTS)
    .overwrite((numbers) => [...new Set(numbers)])
    .default([])
    .meta({ description: "Recipients; empty: they come with the message" }),
  type: z.enum(["auto", "SMS", "LMS"]).default("auto").meta({
    description: "`auto`: SMS up to 90 bytes of EUC-KR, else LMS; `SMS` cuts what is longer",
  }),
  subject: z.string().max(40).optional().meta({ description: "Of an LMS; 40 bytes are sent" }),
  dailyCap: z.int().min(1).max(MAX_SENS_DAILY_CAP).optional().meta({
    description: "Most recipients of a calendar day in Seoul; what is over it fails as `daily_cap`",
  }),
  ...messagingFields,
  timeoutMs: z
    .int()
    .min(MIN_TIMEOUT_MS)
    .max(MAX_TIMEOUT_MS)
    .default(DEFAULT_TIMEOUT_MS)
    .meta({ description: "For all calls of one attempt" }),
  baseUrl: checked(MAX_URL_CHARS, baseProblem)
    .overwrite((text) => text.replace(/\/+$/, ""))
    .default(SENS_URL)
    .meta({ description: "Another cloud's gateway, as `https://sens.apigw.gov-ntruss.com`" }),
}).refine(({ dailyCap = MAX_SENS_DAILY_CAP, to }) => dailyCap < 1 || dailyCap >= to.length, {
  path: ["dailyCap"],
  error: "is less than the recipients of one message: nothing could ever be sent",
});
export type SensConfig = z.infer<typeof SensConfig>;

function serviceProblem(text: string): string | null {
  if (text.startsWith("ncp:kkobizmsg:")) {
    return "is a Kakao service; use the SMS service's id, `ncp:sms:kr:<digits>:<project>`";
  }
  return SERVICE_ID.test(text)
    ? null
    : "is no SMS service's id; copy it from the console, `ncp:sms:kr:<digits>:<project>`";
}

function baseProblem(text: string): string | null {
  const url = URL.parse(text);
  if (!url) return `not a URL; use ${SENS_URL}, or leave it out`;
  // What is signed begins at the path, so that a gateway behind another path would refuse it.
  if (url.pathname !== "/" || /[?#]/.test(text)) {
    return `is scheme and host alone, as ${SENS_URL}; remove the path`;
  }
  return url.protocol === "https:" || isLocalHttp(url) ? null : "keys are signed with: use https";
}
