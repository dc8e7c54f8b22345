import { BatonError } from "../errors.ts";
import { problemResponse } from "../http-error.ts";
import { phoneTextOf, saysNothing } from "../sms/index.ts";
import { MAX_PHONE_BODY_BYTES } from "./constants.ts";
import { declaresMoreThan } from "./declared-size.ts";
import type { Intake } from "./intake.ts";
import { isOurs } from "./sender-keys.ts";
import { readPhonePath } from "./target.ts";

const EXAMPLE = '{"message":"<text of the SMS>","sender":"<its number>"}';

/**
 * Phones that forward their messages: a tiny JSON answer at once. Whatever says something is stored, also when no
 * message is found in it; only what says nothing is refused, as a shortcut with the wrong variable sends it.
 */
export const PHONE: Intake = {
  // The app host's path at the source's own URL: what stands there for a key is none of its paths.
  cutKey(path) {
    const found = readPhonePath(path);
    return found?.key && isOurs(found.key) ? { key: found.key, path: found.path } : null;
  },
  refuseHead: ({ request }) =>
    declaresMoreThan(request, MAX_PHONE_BODY_BYTES) ? tooLarge() : null,
  refuseBody: ({ size, inline }, contentType, { query }) => {
    if (size > MAX_PHONE_BODY_BYTES) return tooLarge();
    if (inline && !saysNothing(contentType, inline)) return null;
    return phoneTextOf({ contentType, query, body: inline }) ? null : nothingSaid();
  },
  // 200 and not 202: automation apps compare the status with 200, as their examples do.
  answer: ({ id, duplicate }) =>
    Response.json({ ok: true, id, ...(duplicate && { duplicate }) }, { status: 200 }),
  refuse: (error, extra = {}) => problemResponse(error, { ok: false, ...extra }),
};

function tooLarge(): BatonError {
  return new BatonError(
    "too_large",
    `A phone's message has ${MAX_PHONE_BODY_BYTES} bytes (64 KiB) at most. Send the text without its pictures.`,
  );
}

function nothingSaid(): BatonError {
  return new BatonError(
    "malformed",
    `There is no message in this request; nothing was stored. Send the text as JSON, e.g. ${EXAMPLE}, as a form (\`message=…\`), as plain text, or in the query (\`?message=…\`). When a forwarding app sends this, its variable for the message is empty.`,
  );
}
