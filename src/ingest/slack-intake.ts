import { BatonError, type ErrorCode } from "../errors.ts";
import { statusOf } from "../http-error.ts";
import { readSlackMessage, type SlackMessage } from "../slack-message.ts";
import { MASK, MAX_MESSAGE_BODY_BYTES } from "./constants.ts";
import { declaresMoreThan } from "./declared-size.ts";
import type { Intake } from "./intake.ts";

/** Slack's own limits; more of either it refuses whole. */
const MAX_BLOCKS = 50;
const MAX_ATTACHMENTS = 100;

/** A path as callers write it, its secret masked. */
const HOOK = /^\/services\/T[^/]+\/B[^/]+\/\*{8}\/?$/;

/**
 * Slack's word for an error; a body has nothing else. https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
 * names some of them, and there is none for the last ones.
 */
const WORDS = {
  malformed: "invalid_payload",
  refused: "invalid_payload",
  unsupported_media_type: "invalid_payload",
  unauthorized: "invalid_token",
  forbidden: "action_prohibited",
  not_found: "no_service",
  rate_limited: "rate_limited",
  unavailable: "service_unavailable",
  too_large: "payload_too_large",
  uri_too_long: "no_service",
  conflict: "action_prohibited",
  loop_detected: "loop_detected",
} satisfies Record<ErrorCode, string>;

/** A refusal that has a word of its own. */
class SlackRefusal extends BatonError {
  readonly word: string;

  constructor(word: string, detail: string) {
    super("malformed", detail);
    this.word = word;
  }
}

/** What calls a Slack incoming webhook: `ok`, or one of Slack's words. Why it was refused stands in `x-baton-detail`. */
export const SLACK: Intake = {
  cutKey: cutHook,
  refuseHead({ request, path }) {
    if (!HOOK.test(path)) {
      return new BatonError(
        "not_found",
        "Post to /services/T.../B.../<secret>, the hook's own path; nothing else is here.",
      );
    }
    // A hook that is opened in a browser answers so, too.
    if (request.method !== "POST") {
      return new BatonError("malformed", `A hook takes POST, not ${request.method}.`);
    }
    return declaresMoreThan(request, MAX_MESSAGE_BODY_BYTES) ? tooLarge() : null;
  },
  refuseBody({ size, inline }) {
    if (size > MAX_MESSAGE_BODY_BYTES) return tooLarge();
    const message = inline && readSlackMessage(inline);
    if (!message) {
      return new BatonError(
        "malformed",
        'The body is no JSON object in UTF-8, bare or as the form field `payload`. Send {"text":"..."}.',
      );
    }
    return faultOf(message);
  },
  answer: () => plain(200, "ok"),
  refuse(error) {
    const word = error instanceof SlackRefusal ? error.word : WORDS[error.code];
    const response = plain(statusOf(error.code), word);
    // A header takes ASCII.
    response.headers.set("x-baton-detail", error.message.replace(/[^\x20-\x7e]/g, "?"));
    if (error.retryAfterSeconds !== undefined) {
      response.headers.set("retry-after", String(error.retryAfterSeconds));
    }
    return response;
  },
};

/** Masks what stands behind the workspace and the hook: the URL is the credential, also one that is mistyped. */
function cutHook(path: string): { key: string; path: string } | null {
  const parts = /^((?:\/~[^/]+)?\/[^/]+\/[^/]+\/[^/]+\/)([^/].*)$/.exec(path);
  if (!parts) return null;
  const [, shown = "", secret = ""] = parts;
  return { key: secret.replace(/\/$/, ""), path: shown + secret.replace(/[^/]+/g, MASK) };
}

/** What Slack would refuse about a message that is cheap to see; the rest it says itself when it is delivered. */
function faultOf({ text, blocks, attachments }: SlackMessage): BatonError | null {
  if (blocks !== undefined && blocks !== null) {
    if (!Array.isArray(blocks)) return new SlackRefusal("invalid_blocks", "`blocks` is no list.");
    if (blocks.length > MAX_BLOCKS) {
      return new SlackRefusal("invalid_blocks", `\`blocks\` has more than ${MAX_BLOCKS} blocks.`);
    }
  }
  if (Array.isArray(attachments) && attachments.length > MAX_ATTACHMENTS) {
    const detail = `\`attachments\` has more than ${MAX_ATTACHMENTS} attachments.`;
    return new SlackRefusal("too_many_attachments", detail);
  }
  const isThere = (list: unknown) => Array.isArray(list) && list.length > 0;
  if (isThere(blocks) || isThere(attachments) || (text && isText(text))) return null;
  if (text && !isText(text)) return new BatonError("malformed", "`text` is no text.");
  return new SlackRefusal("no_text", "Give `text`, `blocks` or `attachments`.");
}

function isText(text: unknown): boolean {
  return typeof text === "string" || typeof text === "number";
}

function tooLarge(): BatonError {
  return new BatonError(
    "too_large",
    `The body is larger than ${MAX_MESSAGE_BODY_BYTES} bytes (256 KiB). Send less, or a link to it.`,
  );
}

function plain(status: number, body: string): Response {
  return new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
