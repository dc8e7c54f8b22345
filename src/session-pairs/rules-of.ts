import type { PortalDefinition } from "../portals/schemas.ts";
import type { Rules } from "./machine/state.ts";

export function rulesOf({ health, budget, session, sms, login }: PortalDefinition): Rules {
  return {
    probeEveryMs: health.everySeconds * 1000,
    budget,
    lifeMs: session.lifeSeconds == null ? null : session.lifeSeconds * 1000,
    onePerAccount: session.onePerAccount,
    smsTimeoutMs: sms.timeoutMs,
    canResend: login.code?.resend !== undefined,
  };
}
