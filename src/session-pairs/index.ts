export { REASON_NAMES, REASONS, type Reason } from "./reasons.ts";
export type {
  AuditEntry,
  Evidence,
  Hold,
  PairMetrics,
  PairStatus,
  RelayAnswer,
  RelayRequest,
  SessionPairRpc,
  SessionPairs,
  SlotName,
  SlotState,
  SlotStatus,
  StepTiming,
} from "./rpc.ts";
export { SLOT_STATES } from "./rpc.ts";
export type { Snapshot, StoredCookie } from "./snapshot.ts";
export type { Verdict } from "./verdict.ts";
