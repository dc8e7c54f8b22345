import type { Channels } from "./channels/index.ts";
import type { CodeMailboxes } from "./code-mailboxes/index.ts";
import type { ControlDb, EventsDb } from "./db/client.ts";
import { BatonError } from "./errors.ts";
import type { Gates, GateTask } from "./gates/index.ts";
import { type IdKind, shardOf } from "./ids.ts";
import { keyRing } from "./sealing.ts";
import type { SessionPairs } from "./session-pairs/index.ts";

/** What a Worker can do; made once per request or batch in `workers/<name>`. */
export type Deps = {
  db: ControlDb;
  /** Event databases by shard number. */
  shards: EventsDb[];
  bodies: R2Bucket;
  eventsQueue: Queue<EventTask>;
  deliveriesQueue: Queue<DeliveryTask>;
  gates: Gates;
  channels: Channels;
  pairs: SessionPairs;
  mailboxes: CodeMailboxes;
  /** Where the scripts of transforms run. */
  scripts: ScriptLoader;
  settings: Settings;
};

/** In a local session all Workers are one process, in which no two may load an isolate under one name. */
export type ScriptLoader = { loader: WorkerLoader; worker: "app" | "consumer" };

export type Settings = {
  baseDomain: string;
  /** Origin of the app host, e.g. `https://app.example.com`. */
  appUrl: string;
  /** URL of a source with `{slug}` in it. */
  ingestUrl: string;
  /** Base64 of 32 bytes; after commas other keys that only open (`keyRing`). */
  masterKey: string;
  /** Only ever true when the base domain is `localhost`. */
  allowLoopback: boolean;
  /** Ports that destinations may have beside the usual ones of web servers. */
  egressPorts: number[];
  /** DNS over HTTPS (JSON) that destinations' names are looked up with; empty: they are not. */
  dohUrl: string;
};

/** Who is asking, for verbs behind the admin API. */
export type Context = Deps & {
  organizationId: string;
  isOperator: boolean;
  /** Set when the request carried an `Idempotency-Key`. */
  idempotency?: { key: string; requestHash: string };
};

/** Body of a message on the `events` queue. */
export type EventTask = { eventId: string; sourceId: string };
/** Body of a message on the `deliveries` queue; `gate` when a gate has sent it, `byHand` when a person has. */
export type DeliveryTask = { deliveryId: string; gate?: GateTask["gate"]; byHand?: true };

/** Reads the settings that Workers share from their variables. */
export function readSettings(env: {
  BASE_DOMAIN: string;
  APP_URL: string;
  INGEST_URL: string;
  MASTER_KEY: string;
  /** During a rotation of the master key, other keys that open what they have sealed; separated by commas. */
  MASTER_KEY_PREVIOUS?: string;
  ALLOW_LOOPBACK: string;
  /** `4000,5001`. */
  EGRESS_PORTS?: string;
  DOH_URL?: string;
}): Settings {
  return {
    baseDomain: env.BASE_DOMAIN,
    appUrl: env.APP_URL,
    ingestUrl: env.INGEST_URL,
    masterKey: keyRing(env.MASTER_KEY, env.MASTER_KEY_PREVIOUS),
    allowLoopback: env.ALLOW_LOOPBACK === "true" && env.BASE_DOMAIN === "localhost",
    egressPorts: (env.EGRESS_PORTS ?? "")
      .split(",")
      .map(Number)
      .filter((port) => port > 0),
    dohUrl: env.DOH_URL ?? "",
  };
}

/** The event database of a shard. Throws on a number that this deployment does not have. */
export function shard(ctx: Pick<Deps, "shards">, number: number): EventsDb {
  const db = ctx.shards[number];
  if (!db) throw new Error(`event shard ${number} is not bound: EVENTS_${number} is missing`);
  return db;
}

/** The event database an id points to; 404 for a text that is no such id. */
export function shardOfId(ctx: Pick<Deps, "shards">, kind: IdKind, id: string): EventsDb {
  const number = shardOf(kind, id);
  const db = number === null ? undefined : ctx.shards[number];
  if (!db) throw new BatonError("not_found", `There is no ${kind} ${id} in this organization.`);
  return db;
}
