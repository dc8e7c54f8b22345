import { beforeEach, describe, expect, it } from "vitest";
import { toBase64 } from "../../src/crypto.ts";
import { deriveIngestKey } from "../../src/ingest-key.ts";
import { runJob } from "../../src/jobs/run-job.ts";
import { keyId, seal, unseal } from "../../src/sealing.ts";
import { countingD1 } from "./counting-d1.ts";
import {
  consume,
  consumerEnv,
  deliveryOf,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
} from "./support.ts";

const OLD = consumerEnv.MASTER_KEY;
const NEW = toBase64(new Uint8Array(32).fill(7));
const { DB } = consumerEnv;

/** The consumer as it is deployed with these keys. */
const withKeys = (current: string, previous?: string) => ({
  ...fakeQueues().env,
  MASTER_KEY: current,
  MASTER_KEY_PREVIOUS: previous,
});
const DURING = withKeys(NEW, OLD);
const AFTER = withKeys(NEW);

beforeEach(async () => {
  await DB.batch([
    DB.prepare("DELETE FROM rules"),
    DB.prepare("DELETE FROM destinations"),
    DB.prepare("DELETE FROM portals"),
    DB.prepare("UPDATE sources SET verification = NULL"),
    DB.prepare("DELETE FROM idempotency_keys"),
    DB.prepare("INSERT OR REPLACE INTO settings VALUES ('master_key_id', ?)").bind(
      await keyId(OLD),
    ),
  ]);
});

/** A source with a destination that was sealed with the old key. */
async function makeRelay() {
  const source = await makeSource();
  const destination = await makeDestination();
  await makeRule(source, destination.id);
  return { source, destination };
}

async function deliver(env: ConsumerEnv, source: string): Promise<string> {
  const task = await makeEvent(source);
  await consume(env, "events", [task]);
  return (await deliveryOf(task.eventId)).status;
}

async function configOf(id: string): Promise<string> {
  const row = await DB.prepare("SELECT config FROM destinations WHERE id = ?")
    .bind(id)
    .first<{ config: string }>();
  return row?.config ?? "";
}

async function storedKeyId(): Promise<string | undefined> {
  const row = await DB.prepare("SELECT value FROM settings WHERE name = 'master_key_id'").first<{
    value: string;
  }>();
  return row?.value;
}

const startsWith = async (key: string) =>
  expect.stringMatching(new RegExp(`^${await keyId(key)}\\.`));

describe("rotation of the master key", () => {
  it("a portal's credentials are sealed again, for this portal", async () => {
    await makeSource();
    const sealed = await seal(OLD, "portal:prt_rotated", "the account");
    await DB.prepare(
      "INSERT INTO portals (id, organization_id, name, definition, base_url, enabled, on_deploy, is_default, credentials, created_at, updated_at) VALUES ('prt_rotated', 'org_test', 'x', 'x', 'https://x.example', 0, 'keep', 0, ?, 0, 0)",
    )
      .bind(sealed)
      .run();
    expect(await runJob(DURING, "rotate")).toMatchObject({ portals: 1, unopened: 0 });
    const again = await DB.prepare("SELECT credentials FROM portals").first<string>("credentials");
    expect(await unseal(NEW, "portal:prt_rotated", again ?? "")).toBe("the account");
    expect(await runJob(AFTER, "rotate")).toMatchObject({ portals: 0, unopened: 0 });
  });

  it("what the old key has sealed is read before, during and after, and never unread", async () => {
    const { source, destination } = await makeRelay();
    expect(await deliver(withKeys(OLD, NEW), source)).toBe("succeeded");
    expect(await deliver(DURING, source)).toBe("succeeded");
    expect(await configOf(destination.id)).toEqual(await startsWith(OLD));
    expect(await runJob(DURING, "rotate")).toMatchObject({
      destinations: 1,
      unopened: 0,
      unfinished: 0,
    });
    expect(await configOf(destination.id)).toEqual(await startsWith(NEW));
    // A Worker that still seals with the old key has the new one to open.
    expect(await deliver(withKeys(OLD, NEW), source)).toBe("succeeded");
    expect(await deliver(AFTER, source)).toBe("succeeded");
    expect(await deliver(withKeys(OLD), source)).not.toBe("succeeded");
    expect(await storedKeyId()).toBe(await keyId(NEW));
    expect(await runJob(AFTER, "rotate")).toMatchObject({ destinations: 0, unopened: 0 });
  });

  it("half way both old and new rows work", async () => {
    const [first, second] = [await makeRelay(), await makeRelay()];
    const aad = `destination:${first.destination.id}`;
    const again = await seal(
      NEW,
      aad,
      await unseal(OLD, aad, await configOf(first.destination.id)),
    );
    await DB.prepare("UPDATE destinations SET config = ? WHERE id = ?")
      .bind(again, first.destination.id)
      .run();
    for (const { source } of [first, second])
      expect(await deliver(DURING, source)).toBe("succeeded");
    expect(await runJob(DURING, "rotate")).toMatchObject({ destinations: 1 });
    expect(await configOf(first.destination.id)).toBe(again);
    for (const { source } of [first, second])
      expect(await deliver(AFTER, source)).toBe("succeeded");
  });

  it("goes through more rows than one statement takes, with few statements", async () => {
    for (let i = 0; i < 120; i++) await makeDestination();
    const counted = countingD1(DB);
    expect(await runJob({ ...DURING, DB: counted.d1 }, "rotate")).toMatchObject({
      destinations: 120,
      unfinished: 0,
    });
    expect(counted.statements()).toBeLessThan(10);
  });

  it("large configs go in statements of their own size", async () => {
    const headers = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`x-large-${i}`, "x".repeat(8192)]),
    );
    for (let i = 0; i < 3; i++) await makeDestination("ok", { config: { headers } });
    expect(await runJob(DURING, "rotate")).toMatchObject({ destinations: 3, unopened: 0 });
  });

  it("a row that somebody writes meanwhile stays as written, and asks for another run", async () => {
    const { destination } = await makeRelay();
    const aad = `destination:${destination.id}`;
    const newer = await seal(OLD, aad, await unseal(OLD, aad, await configOf(destination.id)));
    const overtaken = new Proxy(DB, {
      get(d1, name) {
        if (name !== "prepare") return Reflect.get(d1, name, d1).bind(d1);
        return (query: string) => {
          if (!/^\s*UPDATE .*json_each/.test(query)) return d1.prepare(query);
          const before = d1.prepare("UPDATE destinations SET config = ? WHERE id = ?");
          return {
            bind: (...values: unknown[]) => ({
              run: async () => {
                await before.bind(newer, destination.id).run();
                return d1
                  .prepare(query)
                  .bind(...values)
                  .run();
              },
            }),
          };
        };
      },
    });
    expect(await runJob({ ...DURING, DB: overtaken }, "rotate")).toMatchObject({
      destinations: 0,
      unfinished: 1,
    });
    expect([await configOf(destination.id), await storedKeyId()]).toEqual([
      newer,
      await keyId(OLD),
    ]);
    expect(await runJob(DURING, "rotate")).toMatchObject({ destinations: 1, unfinished: 0 });
  });

  it("seals what the edge opens with the key derived for it", async () => {
    const { source } = await makeRelay();
    const [old, fresh] = [await deriveIngestKey(OLD), await deriveIngestKey(NEW)];
    const sealed = await seal(old, `source:${source}`, '{"preset":"github"}');
    await DB.prepare("UPDATE sources SET verification = ? WHERE id = ?").bind(sealed, source).run();
    expect(await runJob(DURING, "rotate")).toMatchObject({ sources: 1, unopened: 0 });
    const row = await DB.prepare("SELECT verification FROM sources WHERE id = ?")
      .bind(source)
      .first<{ verification: string }>();
    expect(await unseal(fresh, `source:${source}`, row?.verification ?? "")).toBe(
      '{"preset":"github"}',
    );
    expect(await unseal(`${fresh},${old}`, `source:${source}`, sealed)).toBe('{"preset":"github"}');
  });

  it("a row whose key is gone is counted, left alone, and holds the stored key id back", async () => {
    const { destination } = await makeRelay();
    const lost = toBase64(new Uint8Array(32).fill(9));
    const sealed = await seal(lost, `destination:${destination.id}`, "{}");
    await DB.prepare("UPDATE destinations SET config = ? WHERE id = ?")
      .bind(sealed, destination.id)
      .run();
    expect(await runJob(DURING, "rotate")).toMatchObject({ destinations: 0, unopened: 1 });
    expect(await configOf(destination.id)).toBe(sealed);
    expect(await storedKeyId()).toBe(await keyId(OLD));
  });

  it("counts answers that need the old key until they end", async () => {
    await DB.prepare("INSERT INTO idempotency_keys VALUES ('org_test', 'k', '', ?, ?)")
      .bind(await seal(OLD, "idempotency:org_test:k", "{}"), Date.now())
      .run();
    expect(await runJob(DURING, "rotate")).toMatchObject({ answers: 1 });
    await DB.prepare("UPDATE idempotency_keys SET created_at = 0").run();
    await runJob(DURING, "prune");
    expect(await runJob(DURING, "rotate")).toMatchObject({ answers: 0 });
  });
});
