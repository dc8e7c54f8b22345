import { getTableColumns, type SQL, sql } from "drizzle-orm";
import type { EventsDb } from "../db/client.ts";
import { deliveries, events } from "../db/schema/events.ts";

type Row = typeof deliveries.$inferInsert;

/**
 * Statement that inserts a delivery if a condition holds and its id is free. The SELECT is raw for that condition; it
 * gives every column in the table's order, and what the row does not have is NULL or its default.
 */
export function insertWhere(db: EventsDb, row: Row, condition: SQL) {
  const values = Object.entries(getTableColumns(deliveries)).map(([key, column]) => {
    const value = row[key as keyof Row] ?? column.default ?? null;
    return sql`${sql.param(value, column)}`;
  });
  return db
    .insert(deliveries)
    .select(sql`SELECT ${sql.join(values, sql`, `)} WHERE ${condition}`)
    .onConflictDoNothing();
}

export function isThere(eventId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM ${events} WHERE id = ${eventId})`;
}
