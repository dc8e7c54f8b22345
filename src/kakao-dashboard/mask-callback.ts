import { MASK } from "../destinations/index.ts";
import { isObject } from "../json-object.ts";

/** A request of Kakao's without its callback URL, which is good for one answer by whoever has it. */
export function maskCallback(payload: unknown): unknown {
  if (!isObject(payload) || !isObject(payload.userRequest)) return payload;
  if (payload.userRequest.callbackUrl === undefined) return payload;
  return { ...payload, userRequest: { ...payload.userRequest, callbackUrl: MASK } };
}
