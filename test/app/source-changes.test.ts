import { beforeAll, describe, expect, it } from "vitest";
import { type Context, readSettings } from "../../src/context.ts";
import { updateSource } from "../../src/sources/update-source.ts";
import { bindings, call, control, makeTenant, type Tenant, wrongFields } from "./support.ts";

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("source-changes-a");
});

const secrets = ["first-secret-1111", "leaked-secret-2222"];
const MASKS = ["********1111", "********2222"];

async function makeSource(slug: string, more: object = {}): Promise<string> {
  const verification = { preset: "github", secrets };
  const { json } = await call(a, "POST", "/sources", { slug, verification, ...more });
  return String(json.id);
}

/** A context whose next batch finds that `first` has happened after its own reading. */
function overtakenBy(first: () => Promise<unknown>): Context {
  const db = new Proxy(control, {
    get: (target, name) =>
      name === "batch"
        ? async (statements: Parameters<typeof control.batch>[0]) => {
            await first();
            return target.batch(statements);
          }
        : Reflect.get(target, name),
  });
  const { organizationId } = a;
  return { db, organizationId, settings: readSettings(bindings) } as unknown as Context;
}

const github = (kept: string[]) => ({
  preset: "github" as const,
  secrets: kept,
  toleranceSeconds: 300,
  onFailure: "reject" as const,
});

it("a PATCH with masks brings no secret back that another one has taken out meanwhile", async () => {
  const id = await makeSource("overtaken");
  const path = `/sources/${id}`;
  const ctx = overtakenBy(() =>
    call(a, "PATCH", path, { verification: { preset: "github", secrets: [MASKS[0]] } }),
  );
  const input = {
    verification: github(["new-secret-3333", ...MASKS]),
    hostnames: ["late.example.com"],
  };
  await expect(updateSource(ctx, id, input)).rejects.toMatchObject({ code: "conflict" });
  const { json } = await call(a, "GET", path);
  expect(json.verification).toMatchObject({ secrets: [MASKS[0]] });
  expect(json.hostnames).toEqual([]);
});

it("a PATCH of other fields goes together with one of the verification", async () => {
  const id = await makeSource("together");
  const path = `/sources/${id}`;
  const ctx = overtakenBy(() => call(a, "PATCH", path, { verification: null }));
  const changed = await updateSource(ctx, id, { name: "renamed" });
  expect(changed).toMatchObject({ name: "renamed", verification: null });
});

const PAIR = { preset: "sens_v1", secrets: ["service-secret-1111"], authKey: "auth-key-2222-3333" };

describe("a source that answers as SENS v1 always has the pair of its callers", () => {
  it("from the start", async () => {
    const refusals = [{}, { verification: null }, { verification: { preset: "github", secrets } }];
    for (const more of refusals) {
      const body = { slug: "sens-bare", preset: "sens_v1", ...more };
      const refused = await call(a, "POST", "/sources", body);
      expect([refused.status, wrongFields(refused)]).toEqual([422, ["verification"]]);
      expect(refused.text).toContain("authKey");
    }
    const body = { slug: "sens-paired", preset: "sens_v1", verification: PAIR };
    const { status, json, text } = await call(a, "POST", "/sources", body);
    expect([status, json.preset]).toEqual([201, "sens_v1"]);
    expect(json.verification).toMatchObject({ secrets: [MASKS[0]], authKey: "********3333" });
    expect(text).not.toMatch(/service-secret|auth-key/);
  });

  it("and through every change", async () => {
    const path = `/sources/${await makeSource("sens-later")}`;
    const early = await call(a, "PATCH", path, { preset: "sens_v1" });
    expect([early.status, wrongFields(early)]).toEqual([422, ["verification"]]);
    const both = await call(a, "PATCH", path, { preset: "sens_v1", verification: PAIR });
    expect(both.status).toBe(200);
    for (const verification of [null, { preset: "github", secrets }]) {
      expect((await call(a, "PATCH", path, { verification })).status).toBe(422);
    }
    const masked = { ...PAIR, secrets: ["new-secret-4444", MASKS[0]], authKey: "********3333" };
    expect((await call(a, "PATCH", path, { verification: masked })).status).toBe(200);
    const away = await call(a, "PATCH", path, { preset: "slack", verification: null });
    expect([away.status, away.json.preset]).toEqual([200, "slack"]);
  });

  it("also when two changes meet", async () => {
    const taken = await makeSource("sens-race", { verification: PAIR });
    const removes = () => call(a, "PATCH", `/sources/${taken}`, { verification: null });
    const answer = updateSource(overtakenBy(removes), taken, { preset: "sens_v1" });
    await expect(answer).rejects.toMatchObject({ code: "conflict" });
    const given = await makeSource("sens-race-2", { verification: PAIR });
    const becomes = () => call(a, "PATCH", `/sources/${given}`, { preset: "sens_v1" });
    const other = updateSource(overtakenBy(becomes), given, { verification: null });
    await expect(other).rejects.toMatchObject({ code: "conflict" });
    const { json } = await call(a, "GET", `/sources/${given}`);
    expect([json.preset, (json.verification as { preset: string }).preset]).toEqual([
      "sens_v1",
      "sens_v1",
    ]);
  });
});

it("retention counts as changed only when it is another", async () => {
  const id = await makeSource("retained-anew", { retentionDays: 7 });
  const changedAt = async (retentionDays: number | null) => {
    await call(a, "PATCH", `/sources/${id}`, { retentionDays });
    const row = await bindings.DB.prepare(
      "SELECT retention_changed_at AS at FROM sources WHERE id = ?",
    )
      .bind(id)
      .first<{ at: number | null }>();
    return row?.at ?? null;
  };
  expect(await changedAt(7)).toBeNull();
  const first = await changedAt(30);
  expect(first).toBeGreaterThan(Date.now() - 60_000);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await changedAt(30)).toBe(first);
  const second = await changedAt(null);
  expect(second).toBeGreaterThan(first ?? 0);
  expect(await changedAt(null)).toBe(second);
});
