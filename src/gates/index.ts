export type { Health } from "./breaker.ts";
export {
  DEFAULT_BREAKER_FAILURES,
  DEFAULT_COOLDOWN_SECONDS,
  MAX_BREAKER_FAILURES,
  MAX_CONCURRENCY,
  MAX_COOLDOWN_SECONDS,
  MAX_PER_SECOND,
  MAX_PERMIT_DELAY_MS,
  MIN_PER_SECOND,
  ORDER_LOOKBACK_MS,
  OVERDUE_MS,
  UNROUTED_WAIT_MS,
} from "./constants.ts";
export { type GateConfig, type GateFields, gateConfigOf, noLimits } from "./gate-config.ts";
export { orderKeyOf, readsBody } from "./order-key.ts";
export type { Gate, GateAnswer, Gates, GateTask, Place, Report, Resting } from "./rpc.ts";
