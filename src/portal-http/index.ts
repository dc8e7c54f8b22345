export { cookieExpiryThatMatters } from "./cookie-expiry.ts";
export { filledHeaders } from "./filled-headers.ts";
export { type Judged, judge, matchesOut } from "./judge.ts";
export { mergeCookies } from "./merge-cookies.ts";
export { type Call, nextCall } from "./next-call.ts";
export { requestFault } from "./request-fault.ts";
export { requestHeaders } from "./request-headers.ts";
export {
  jarSender,
  type SendFailure,
  type SendInput,
  type SendWithJar,
  type SiteAnswer,
  sendWithJar,
} from "./send-with-jar.ts";
export { valuesFrom, valuesOf } from "./session-values.ts";
export { healthRequest, logoutRequest, type SiteRequest } from "./site-request.ts";
