export { dialled, maskNumber } from "../phone-number.ts";
export { clearGate } from "./change-gate.ts";
export { openConfig } from "./config.ts";
export {
  DEFAULT_TIMEOUT_MS,
  MAX_STORED_RESPONSE_BYTES,
  MIN_TIMEOUT_MS,
} from "./constants.ts";
export { type Deadline, startDeadline } from "./deadline.ts";
export {
  defaultSchedule,
  deliver,
  keeperOf,
  readersOf,
  receiptsOf,
  showReceipt,
} from "./deliver.ts";
export type {
  AttemptInput,
  AttemptResult,
  Earlier,
  EarlierTry,
  Outcome,
  OutgoingEvent,
  Rivals,
} from "./driver.ts";
export { assertSendableUrl } from "./egress.ts";
export { cappedHeaders } from "./exchange.ts";
export { failWaitingDeliveries } from "./fail-waiting-deliveries.ts";
export { isReserved as isReservedHeader, looksSecret } from "./header-names.ts";
export { httpOutcome } from "./http-outcome.ts";
export { assertCallable, isListener } from "./listen.ts";
export { isLocalHttp } from "./local-http.ts";
export { assertPublicName, mayNotBeCalled } from "./lookup.ts";
export { MASK, MASK_REMEDY } from "./mask.ts";
export { maskedHeaders, outgoingHeaders } from "./outgoing-headers.ts";
export { readCapped } from "./read-body.ts";
export { REASONS, type Reason } from "./reasons.ts";
export type { Receipt } from "./receipt.ts";
export type { DestinationConfig, DestinationKind } from "./schemas.ts";
