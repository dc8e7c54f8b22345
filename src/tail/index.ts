export type { Alert } from "./alert.ts";
export { DRAIN_MS } from "./constants.ts";
export type { Deliver } from "./deliver-queued.ts";
export { readLineTest } from "./line-test.ts";
export { postAlerts } from "./post-alerts.ts";
export type { TailOptions } from "./settings.ts";
export { bytesPhrase, type Status, type StatusWords, statusJson, statusLine } from "./status.ts";
export { type TailHooks, tailFiles } from "./tail-files.ts";
