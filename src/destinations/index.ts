export { clearGate } from "./change-gate.ts";
export { openConfig } from "./config.ts";
export { DEFAULT_TIMEOUT_MS } from "./constants.ts";
export { defaultSchedule, deliver } from "./deliver.ts";
export type { AttemptInput, AttemptResult, Outcome, OutgoingEvent, Reason } from "./driver.ts";
export { failWaitingDeliveries } from "./fail-waiting-deliveries.ts";
export { isReserved as isReservedHeader, looksSecret } from "./header-names.ts";
export { MASK } from "./mask.ts";
export type { DestinationConfig, DestinationKind } from "./schemas.ts";
