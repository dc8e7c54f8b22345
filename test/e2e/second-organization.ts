import { DatabaseSync } from "node:sqlite";
import { sha256Hex } from "../../src/crypto.ts";
import { newId } from "../../src/ids.ts";
import { newPreparedFolder } from "../support/run-program.ts";
import { filesBelow } from "./find-secrets.ts";

/**
 * A prepared state folder with a second organization in it, which no API makes. Gives the folder and the organization's
 * key.
 */
export async function withSecondOrganization(): Promise<{ state: string; key: string }> {
  const state = newPreparedFolder();
  const key = `bt_${crypto.randomUUID().replaceAll("-", "")}`;
  const now = Date.now();
  const organizationId = newId("organization", now);
  const database = openControl(state);
  database
    .prepare(
      "INSERT INTO organizations (id, name, is_operator, created_at) VALUES (?, 'Other', 0, ?)",
    )
    .run(organizationId, now);
  database
    .prepare(
      "INSERT INTO api_keys (id, organization_id, name, hash, hint, scopes, created_at) VALUES (?, ?, 'Other', ?, ?, ?, ?)",
    )
    .run(
      newId("apiKey", now),
      organizationId,
      await sha256Hex(key),
      key.slice(-4),
      JSON.stringify(["read", "write", "admin"]),
      now,
    );
  database.close();
  return { state, key };
}

function openControl(state: string): DatabaseSync {
  for (const path of filesBelow(state).filter((each) => each.endsWith(".sqlite"))) {
    const database = new DatabaseSync(path);
    const table = database
      .prepare("SELECT 1 FROM sqlite_master WHERE name = 'organizations'")
      .get();
    if (table) return database;
    database.close();
  }
  throw new Error(`no control database below ${state}`);
}
