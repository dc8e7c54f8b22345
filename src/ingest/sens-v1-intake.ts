import { BatonError, type ErrorCode } from "../errors.ts";
import { statusOf } from "../http-error.ts";
import { MAX_MESSAGE_BODY_BYTES } from "./constants.ts";
import { declaresMoreThan } from "./declared-size.ts";
import type { Intake } from "./intake.ts";
import { sensV1Fault } from "./sens-v1-fault.ts";

const MESSAGES = /^\/v1\/sms\/services\/[^/]+\/messages\/?$/;

/** NAVER Cloud's API gateway: code and message of an error. What it has no code for is a bad request. */
const GATEWAY = {
  malformed: ["100", "Bad Request Exception"],
  refused: ["100", "Bad Request Exception"],
  conflict: ["100", "Bad Request Exception"],
  uri_too_long: ["100", "Bad Request Exception"],
  unsupported_media_type: ["100", "Bad Request Exception"],
  unauthorized: ["200", "Authentication Failed"],
  forbidden: ["210", "Permission Denied"],
  not_found: ["300", "Not Found Exception"],
  rate_limited: ["420", "Rate Limited"],
  too_large: ["430", "Request Entity Too Large"],
  unavailable: ["500", "Endpoint Error"],
  loop_detected: ["500", "Endpoint Error"],
} satisfies Record<ErrorCode, [errorCode: string, message: string]>;

/** What calls SENS v1, which NAVER Cloud has retired. The answers have v2's form: v1's was never published. */
export const SENS_V1: Intake = {
  needsVerification: true,
  refuseHead({ request, path }) {
    if (request.method !== "POST" || !MESSAGES.test(path)) {
      return new BatonError(
        "not_found",
        "Only POST /v1/sms/services/{serviceId}/messages is here; results are in Baton's deliveries.",
      );
    }
    return declaresMoreThan(request, MAX_MESSAGE_BODY_BYTES) ? tooLarge() : null;
  },
  refuseBody({ size, inline }) {
    if (size > MAX_MESSAGE_BODY_BYTES) return tooLarge();
    const fault = sensV1Fault(inline);
    return fault === null ? null : new BatonError("malformed", fault);
  },
  answer: ({ id }) =>
    json(202, {
      requestId: id,
      requestTime: new Date().toISOString(),
      statusCode: "202",
      statusName: "success",
      messages: [{ messageId: id }],
    }),
  refuse(error) {
    const [errorCode, message] = GATEWAY[error.code];
    const response = json(statusOf(error.code), {
      error: { errorCode, message, details: error.message },
    });
    if (error.retryAfterSeconds !== undefined) {
      response.headers.set("retry-after", String(error.retryAfterSeconds));
    }
    return response;
  },
};

function tooLarge(): BatonError {
  return new BatonError("too_large", `The body is larger than ${MAX_MESSAGE_BODY_BYTES} bytes.`);
}

function json(status: number, body: object): Response {
  const headers = { "content-type": "application/json; charset=utf-8" };
  return new Response(JSON.stringify(body), { status, headers });
}
