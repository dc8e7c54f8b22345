import { beforeAll, expect, it } from "vitest";
import { type Context, readSettings } from "../../src/context.ts";
import { updateSource } from "../../src/sources/update-source.ts";
import { bindings, call, control, makeTenant, type Tenant } from "./support.ts";

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
