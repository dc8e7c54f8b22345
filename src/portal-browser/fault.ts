import type { Reason } from "../session-pairs/index.ts";

/** Why a login ends: one of the closed list, never the words of a page or of the driver. */
export class LoginFault extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}

/** The caller does not want the login any more; `cause` is what it threw. */
export class Stopped extends Error {
  constructor(cause: unknown) {
    super("stopped by the caller", { cause });
  }
}
