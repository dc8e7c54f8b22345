import { drizzle } from "drizzle-orm/d1";
import * as control from "./schema/control.ts";
import * as eventTables from "./schema/events.ts";

/** The control database. */
export function openControl(d1: D1Database) {
  return drizzle(d1, { schema: control });
}
export type ControlDb = ReturnType<typeof openControl>;

/** One event database. */
export function openEvents(d1: D1Database) {
  return drizzle(d1, { schema: eventTables });
}
export type EventsDb = ReturnType<typeof openEvents>;

/** All event databases; the position is the shard's number. Reads the bindings `EVENTS_0`, `EVENTS_1`, … */
export function openShards(env: object): EventsDb[] {
  const bindings = env as Record<string, unknown>;
  const shards: EventsDb[] = [];
  for (let n = 0; bindings[`EVENTS_${n}`] !== undefined; n++) {
    shards.push(openEvents(bindings[`EVENTS_${n}`] as D1Database));
  }
  return shards;
}
