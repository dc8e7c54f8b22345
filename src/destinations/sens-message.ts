import { dialled } from "../phone-number.ts";
import {
  MAX_LMS_BYTES,
  MAX_LMS_SUBJECT_BYTES,
  MAX_SENS_FORM_BYTES,
  MAX_SMS_BYTES,
} from "./constants.ts";
import { byteLength, cutToBytes, encodable } from "./cp949.ts";
import type { AttemptInput } from "./driver.ts";
import { markOf, visibleText } from "./message-text.ts";
import { readObject, textOf } from "./read-json.ts";
import { readReadable } from "./readable-body.ts";
import {
  checkRecipients,
  invalid,
  isAbroad,
  isCountryCode,
  readContentType,
  type SensMessage,
  type SensProblem,
} from "./sens-check.ts";
import type { SensConfig } from "./sens-config.ts";
import { fromPayload } from "./sens-payload.ts";

const CUT_MARK = "…";

/** What a try sends: a transform's output, a SENS v1 form, or the event's body as text. */
export async function sensMessage(
  config: SensConfig,
  { event, output }: AttemptInput,
): Promise<SensMessage | SensProblem> {
  if (output?.kind === "json") return fromPayload(config, output.json);
  if (output) return fromText(config, { content: output.text });
  if (event.source.preset === "sens_v1") return fromVersion1(config, await readForm(event));
  const body = await readReadable(event, config.showCodes);
  if (body === null) return { reason: "body_missing", problem: "the stored body is gone" };
  const content = visibleText(body);
  const more = markOf(0, body.unreadBytes);
  return fromText(config, { content: more === null ? content : `${content}\n${more}` });
}

function fromText(
  config: SensConfig,
  given: {
    content: string;
    subject?: string;
    to?: string[];
    contentType?: "COMM" | "AD";
    countryCode?: string;
  },
): SensMessage | SensProblem {
  const text = encodable(given.content);
  if (text.trim() === "") return invalid("content: there is no text");
  const to = given.to?.length ? given.to : config.to;
  const { countryCode } = given;
  const isLong =
    !isAbroad(countryCode) &&
    (config.type === "LMS" || (config.type === "auto" && byteLength(text) > MAX_SMS_BYTES));
  const subject = encodable(given.subject || config.subject || "");
  return checkRecipients({
    type: isLong ? "LMS" : "SMS",
    contentType: given.contentType ?? "COMM",
    ...(countryCode !== undefined && { countryCode }),
    from: config.from,
    ...(isLong && subject && { subject: cutToBytes(subject, MAX_LMS_SUBJECT_BYTES, "") }),
    content: cutToBytes(text, isLong ? MAX_LMS_BYTES : MAX_SMS_BYTES, CUT_MARK),
    messages: to.map((number) => ({ to: number })),
  });
}

async function readForm(event: AttemptInput["event"]): Promise<Record<string, unknown> | null> {
  // A thousand recipients and the longest text are a tenth of it.
  if (event.size > MAX_SENS_FORM_BYTES) return {};
  const body = await event.openBody();
  if (body === null) return null;
  return readObject(await new Response(body).text());
}

/** The form of SENS v1: recipients are texts at the top. Sender and type are the destination's. */
function fromVersion1(
  config: SensConfig,
  form: Record<string, unknown> | null,
): SensMessage | SensProblem {
  if (form === null) return { reason: "body_missing", problem: "the stored body is gone" };
  const { to = [], content, subject, contentType, countryCode } = form;
  if (typeof content !== "string") return invalid("content: give the text");
  if (subject !== undefined && subject !== null && typeof subject !== "string") {
    return invalid("subject: is no text");
  }
  if (!Array.isArray(to) || !to.every((number) => typeof number === "string")) {
    return invalid("to: give a list of telephone numbers, each a text");
  }
  const kind = readContentType(contentType);
  if (kind === null) return invalid("contentType: use COMM or AD");
  const country = textOf(countryCode);
  if (country !== "" && !isCountryCode(country)) return invalid("countryCode: use digits, as 82");
  return fromText(config, {
    content,
    ...(country !== "" && { countryCode: country }),
    ...(subject && { subject }),
    to: to.map(dialled),
    contentType: kind,
  });
}
