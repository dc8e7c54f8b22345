import type { CheckRow, Finding } from "../health/index.ts";
import { type PairStatus, REASONS } from "../session-pairs/index.ts";

/** A portal's check is named by this and its id. */
export const PORTAL_CHECK = "portal:";

/**
 * Whether somebody has to look at a portal: a hold without an end is a fault, a session that is ready without one is
 * none. In between, as during the login after `resume`, it stays what it was. Another hold than the one that was told
 * is told too.
 */
export function judgePortal(
  portal: { id: string; organizationId: string; name: string },
  { hold, primary }: Pick<PairStatus, "hold" | "primary">,
  before: Pick<CheckRow, "state" | "since"> | undefined,
): Finding {
  const isHeld = hold !== null && hold.until === null;
  const isWell = hold === null && primary?.state === "ready";
  const isNew = isHeld && before?.state === "failing" && hold.since > before.since;
  const what = `Portal "${portal.name}" (${portal.id})`;
  return {
    name: PORTAL_CHECK + portal.id,
    organizationId: portal.organizationId,
    state: isHeld ? "failing" : isWell ? "ok" : (before?.state ?? "ok"),
    summary: isHeld
      ? `${what} makes no login any more: ${REASONS[hold.reason].text} (\`${hold.reason}\`). Look at it, then resume it.`
      : `${what} is logged in again.`,
    link: `/dashboard#${portal.id}`,
    evidence: null,
    leftAt: isNew ? hold.since : null,
  };
}
