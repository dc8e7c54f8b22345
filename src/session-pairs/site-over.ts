import type { Settings } from "../context.ts";
import {
  cookieExpiryThatMatters,
  healthRequest,
  jarSender,
  judge,
  logoutRequest,
  matchesOut,
  requestFault,
} from "../portal-http/index.ts";
import type { Site } from "./parts.ts";

/** The site over real HTTP. `now` says which cookies have expired. */
export function siteOver(settings: Settings, now: () => number): Site {
  const send = jarSender(now);
  return {
    send: (input) => send({ ...input, settings }),
    judge,
    matchesOut,
    healthRequest,
    logoutRequest,
    requestFault,
    cookiesEndAt: cookieExpiryThatMatters,
  };
}
