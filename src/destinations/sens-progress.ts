import type { SensAnswer } from "./sens-call.ts";
import type { SensReceipt } from "./sens-receipt.ts";

/** How far a try has come; what it does is written here as it happens. */
export type Progress = {
  receipt: SensReceipt;
  /** The latest call: the one that is recorded. */
  last: SensAnswer | null;
};
