import type { Reason } from "./reasons.ts";
import type { Verdict } from "./verdict.ts";

export type SlotName = "A" | "B";

export const SLOT_STATES = [
  "empty",
  "leased",
  "browser",
  "credentials_sent",
  "awaiting_code",
  "code_submitted",
  "verifying",
  "ready",
  "draining",
  "expired",
  "cooldown",
  "locked",
  "needs_human",
] as const;
export type SlotState = (typeof SLOT_STATES)[number];

/** One slot, as people and programs see it. Times are ms UTC. */
export type SlotStatus = {
  slot: SlotName;
  /** Another one with each login; "" before the first. */
  sessionId: string;
  state: SlotState;
  readyAt: number | null;
  lastProbeAt: number | null;
  lastVerdict: Verdict | null;
};

/** Why no login is made now. `until` null: until a person resumes it. */
export type Hold = {
  reason: Reason;
  since: number;
  until: number | null;
  evidenceId: string | null;
};

export type PairStatus = {
  running: boolean;
  epoch: number;
  primary: SlotStatus | null;
  backup: SlotStatus | null;
  hold: Hold | null;
  /** `warm_standby`: the site allows one session per account, so the backup is no live one. */
  mode: "pair" | "warm_standby";
  /** Logins that may still be made. */
  budget: { hour: number; day: number };
};

export type RelayRequest = {
  method: string;
  /** Absolute, on an allowed origin. */
  url: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | null;
  /** How long to wait for a session that is being made. */
  waitMs: number;
  idempotencyKey: string | null;
};

export type RelayAnswer =
  | {
      kind: "answered";
      status: number;
      headers: [string, string][];
      body: Uint8Array<ArrayBuffer>;
      servedBy: { slot: SlotName; epoch: number };
    }
  /** No session could take it; nothing was sent, unless `sent`. */
  | { kind: "unavailable"; reason: string; retryAfterMs: number; sent: boolean }
  /** The request itself cannot be sent. */
  | { kind: "refused"; field: string; message: string };

export type AuditEntry = {
  id: number;
  at: number;
  what: string;
  slot: SlotName | null;
  fields: Record<string, string | number | null>;
};

/** Counts since the pair was made, and gauges. */
export type PairMetrics = {
  logins: Record<string, number>;
  /** Milliseconds, of the last logins. */
  readyMs: { p50: number | null; p95: number | null };
  smsMs: { p50: number | null; p95: number | null };
  claims: number;
  claimConflicts: number;
  failovers: number;
  requests: number;
  requestsFailedByAuth: number;
  browserSecondsToday: number;
  budget: { hour: number; day: number };
};

/** Step of a login with how long it took; shown with what went wrong. */
export type StepTiming = { step: string; ms: number; ok: boolean };

export type Evidence = {
  id: string;
  at: number;
  reason: Reason;
  /** The page's address without its query. */
  url: string;
  steps: StepTiming[];
  /** JPEG with every input masked; null when the browser was gone. */
  screenshot: Uint8Array<ArrayBuffer> | null;
};

/** A portal's primary and backup sessions, as their callers see them. The object's name is the portal's id. */
export type SessionPairRpc = {
  status(): Promise<PairStatus>;
  /** Keeps the pair of an enabled portal from now on; the same when it runs. */
  start(): Promise<PairStatus>;
  /** Logs both sessions out and makes no others. */
  stop(): Promise<PairStatus>;
  /** Null: the backup is not ready. */
  failover(): Promise<PairStatus | null>;
  /** A person has looked: ends the hold. */
  resume(): Promise<PairStatus>;
  request(input: RelayRequest): Promise<RelayAnswer>;
  /** The mailbox has an SMS for this challenge; which one, the pair asks the mailbox. */
  codeArrived(challengeId: string): Promise<void>;
  /** From cron: sets a lost alarm again, looks at the deployment's version, probes what was not probed for long. */
  tick(): Promise<PairStatus>;
  /** The portal's row has changed. */
  configured(): Promise<void>;
  metrics(): Promise<PairMetrics>;
  /** Newest first; `before` is an entry's id. */
  audit(before: number | null, limit: number): Promise<AuditEntry[]>;
  evidence(id: string): Promise<Evidence | null>;
  /** The portal is deleted: logs out, and forgets everything. */
  forget(): Promise<void>;
};

export type SessionPairs = { getByName(portalId: string): SessionPairRpc };
