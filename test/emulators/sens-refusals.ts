import { Refusal } from "./serve.ts";

/** The API gateway's refusal, its own form. */
export function gatewayError(status: number, code: number, message: string, details = message) {
  const body = { error: { errorCode: String(code), message, details } };
  return new Refusal(status, body, `${message}: ${details}`);
}

/** The service's own refusals have another shape than the gateway's. */
export function badRequest(why: string): Refusal {
  return new Refusal(400, { statusCode: "400", statusName: "fail", errors: [why] }, why);
}
