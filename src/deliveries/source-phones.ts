import { sql } from "drizzle-orm";

/** Whose SMS a source's callers forward, as far as the organization has said. */
export type SourcePhones = {
  /** By sender. */
  senders: Record<string, string>;
  /** The phone of the organization's portals, when they all have the same one. */
  only: string | null;
  isOperator: boolean;
};

/**
 * A column of `sources`: null but for a source that phones call, so that others cost nothing. Raw: drizzle leaves the
 * table's name away, and the tables within have columns of the same names.
 */
export const sourcePhones = sql<string | null>`CASE WHEN sources.preset = 'phone' THEN json_object(
  'senders', json((
    SELECT json_group_object(id, phone) FROM senders
    WHERE source_id = sources.id AND phone IS NOT NULL)),
  'only', (
    SELECT CASE WHEN count(DISTINCT phone) = 1 THEN min(phone) END FROM portals
    WHERE organization_id = sources.organization_id),
  'isOperator', (SELECT is_operator FROM organizations WHERE id = sources.organization_id)
) END`
  .mapWith((json: string): SourcePhones => {
    const { isOperator, ...phones } = JSON.parse(json);
    return { ...phones, isOperator: isOperator === 1 };
  })
  .as("phones");

/** Whose SMS an event is: its sender's, else the default phone. Null: nobody has said. What it says itself is no matter. */
export function phoneOf(
  senderId: string | null,
  phones: SourcePhones,
  portalPhone: string | null,
): string | null {
  const own = senderId === null ? undefined : phones.senders[senderId];
  return own ?? (phones.isOperator ? portalPhone : null) ?? phones.only;
}
