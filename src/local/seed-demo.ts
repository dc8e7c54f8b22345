import { sha256Hex } from "../crypto.ts";
import { newId } from "../ids.ts";
import { keyId } from "../sealing.ts";
import type { Secrets } from "./secrets.ts";

type Statement = {
  bind(...values: unknown[]): Statement;
  run(): Promise<unknown>;
  all<T>(): Promise<{ results: T[] }>;
};

/** What we use of a D1 database; the Workers' own types are not known to Node programs. */
export type LocalDatabase = {
  prepare(sql: string): Statement;
  batch(statements: Statement[]): Promise<unknown>;
};

/**
 * Makes the demo organization, which operates this deployment, and its two keys. There is no API call for the
 * first key of a deployment, so this is SQL; everything else of the demo goes through the API.
 */
export async function seedDemo(database: LocalDatabase, secrets: Secrets): Promise<void> {
  const { organizationId, apiKey, pageKey, masterKey } = secrets;
  await database.batch([
    database
      .prepare(
        "INSERT INTO organizations (id, name, is_operator, created_at) VALUES (?, 'Demo', 1, ?) ON CONFLICT DO NOTHING",
      )
      .bind(organizationId, Date.now()),
    await insertKey(database, organizationId, "Demo", apiKey, ["read", "write", "admin"]),
    await insertKey(database, organizationId, "First page", pageKey, ["read"]),
    database
      .prepare(
        "INSERT INTO settings (name, value) VALUES ('master_key_id', ?) ON CONFLICT DO NOTHING",
      )
      .bind(await keyId(masterKey)),
  ]);
}

async function insertKey(
  database: LocalDatabase,
  organizationId: string,
  name: string,
  key: string,
  scopes: string[],
): Promise<Statement> {
  const now = Date.now();
  return database
    .prepare(
      "INSERT INTO api_keys (id, organization_id, name, hash, hint, scopes, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(
      newId("apiKey", now),
      organizationId,
      name,
      await sha256Hex(key),
      key.slice(-4),
      JSON.stringify(scopes),
      now,
    );
}
