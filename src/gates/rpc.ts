import type { Health } from "./breaker.ts";
import type { GateConfig } from "./gate-config.ts";

/** A delivery's place in a gate's line. */
export type Place = {
  deliveryId: string;
  /** The order is that of events; deliveries of one event follow their own ids. */
  eventId: string;
  /** Its order key's value; null: not ordered. */
  key: string | null;
  /** Tries it has had. */
  attempt: number;
  /** When it comes by itself (ms UTC); null: now. */
  dueAt: number | null;
};

export type GateAnswer =
  /** Call after `waitMs` (told as a wait: two machines' clocks differ). */
  | { kind: "go"; permitId: string; waitMs: number }
  /** Another consumer is at it. */
  | { kind: "busy" }
  /** Not now: the due time becomes `until` (ms UTC), with a task of its own when `sendTask`; else the gate sends one. */
  | { kind: "wait"; until: number; sendTask: boolean };

/** What became of a delivery whose permit is returned. */
export type Report = {
  permitId: string;
  deliveryId: string;
  /** When it is due again (ms UTC); null: it has ended. */
  dueAt: number | null;
  health: Health;
};

/** A delivery that was sent for and waits for its next try, as the database has it. */
export type Resting = {
  deliveryId: string;
  /** Tries that the gate thought it had had. */
  asked: number;
  /** Tries it has had. */
  attempt: number;
  /** When it comes by itself (ms UTC). */
  dueAt: number;
};

/** RPC of a `DestinationGate`. */
export type Gate = {
  enqueue(config: GateConfig, places: Place[]): Promise<void>;
  acquire(config: GateConfig, place: Place, leaseMs: number): Promise<GateAnswer>;
  renew(permitId: string, deliveryId: string, leaseMs: number): Promise<{ waitMs: number } | null>;
  report(report: Report): Promise<void>;
  settle(deliveryIds: string[]): Promise<void>;
  rest(tried: Resting[]): Promise<void>;
  clear(): Promise<void>;
  configure(config: GateConfig): Promise<void>;
  forget(): Promise<void>;
};

/** The gates of a deployment, by destination id. */
export type Gates = { getByName(destinationId: string): Gate };

/**
 * A task that a gate stands behind: it says who asks, and how many tries the delivery has had. As long as it has had no
 * other, it is due whatever its due time says. -1: the gate only asks after it.
 */
export type GateTask = {
  deliveryId: string;
  gate: { destinationId: string; attempt: number };
};
