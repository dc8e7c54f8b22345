import type { Context } from "../context.ts";
import { BatonError, notFound } from "../errors.ts";
import { callPair, enablePortal, type PortalRow } from "../portals/index.ts";
import { type Evidence, type PairStatus, REASONS } from "../session-pairs/index.ts";
import { toRfc3339 } from "../time.ts";
import type { ActiveSession, ShownEvidence } from "./schemas.ts";
import { unavailable } from "./unavailable.ts";

export function readStatus(ctx: Context, { id }: PortalRow): Promise<PairStatus> {
  return callPair(ctx, id, (pair) => pair.status());
}

/** The session that requests go to. 503 with the reason when none is ready. */
export async function readActive(ctx: Context, portal: PortalRow): Promise<ActiveSession> {
  const { running, epoch, primary, hold } = await readStatus(ctx, portal);
  if (primary?.state === "ready") {
    return { sessionId: primary.sessionId, slot: primary.slot, epoch };
  }
  throw unavailable({ reason: hold?.reason ?? (running ? "no_session_ready" : "stopped") });
}

/** Keeps the pair from now on. The row first: what is lost in between, the job `portals` does within a minute. */
export async function startPair(ctx: Context, { id }: PortalRow): Promise<PairStatus> {
  await enablePortal(ctx, id, true);
  return callPair(ctx, id, (pair) => pair.start());
}

/** Logs both sessions out, and makes no others. The row first, as with `startPair`. */
export async function stopPair(ctx: Context, { id }: PortalRow): Promise<PairStatus> {
  await enablePortal(ctx, id, false);
  return callPair(ctx, id, (pair) => pair.stop());
}

/** 409 when the backup is not ready. */
export async function failOver(ctx: Context, { id }: PortalRow): Promise<PairStatus> {
  const status = await callPair(ctx, id, (pair) => pair.failover());
  if (status) return status;
  throw new BatonError(
    "conflict",
    "The backup is not ready, so the primary stays; try again later.",
  );
}

export function resumePair(ctx: Context, { id }: PortalRow): Promise<PairStatus> {
  return callPair(ctx, id, (pair) => pair.resume());
}

/** What was kept of a login that failed. 404 when it is none of this portal's, or was kept too long ago. */
export async function readEvidence(
  ctx: Context,
  { id }: PortalRow,
  evidenceId: string,
): Promise<Evidence> {
  const evidence = await callPair(ctx, id, (pair) => pair.evidence(evidenceId));
  if (!evidence) throw notFound("evidence", evidenceId);
  return evidence;
}

/** 404 when the browser was gone before there was a picture. */
export async function readScreenshot(
  ctx: Context,
  portal: PortalRow,
  evidenceId: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { screenshot } = await readEvidence(ctx, portal, evidenceId);
  if (!screenshot) throw notFound("screenshot of", evidenceId);
  return screenshot;
}

export function toShownEvidence(portalId: string, evidence: Evidence): ShownEvidence {
  const { id, at, reason, url, steps, screenshot } = evidence;
  const path = `/api/v1/portals/${portalId}/session-pair/evidence/${id}/screenshot`;
  return {
    id,
    at: toRfc3339(at),
    reason,
    text: REASONS[reason].text,
    url,
    steps: steps.map(({ step, ms, ok }) => ({ step, ms, ok })),
    screenshotUrl: screenshot && path,
  };
}
