export type { Alert } from "./alert.ts";
export { DRAIN_MS } from "./constants.ts";
export type { Deliver } from "./deliver-queued.ts";
export { readLineTest } from "./line-test.ts";
export {
  type Notice,
  type NoticeCode,
  type NoticeValues,
  readNotice,
  TailFault,
} from "./notice.ts";
export { postAlerts } from "./post-alerts.ts";
export { readOptions, type TailOptions } from "./settings.ts";
export type { Status } from "./status.ts";
export { type TailHooks, tailFiles } from "./tail-files.ts";
