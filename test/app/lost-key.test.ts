import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { destinations, sources } from "../../src/db/schema/control.ts";
import type { DestinationKind } from "../../src/destinations/index.ts";
import { seal } from "../../src/sealing.ts";
import { call, control, fetchApp, ids, makeTenant, type Tenant, wrongFields } from "./support.ts";

const LOST = btoa("lost".repeat(8));
const URL = "https://receiver.example/hook";

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("lost-key");
});

async function makeDestination(kind: DestinationKind, config: object): Promise<string> {
  const { json } = await call(a, "POST", "/destinations", { name: "receiver", kind, config });
  const id = String(json.id);
  await control
    .update(destinations)
    .set({ config: await seal(LOST, `destination:${id}`, JSON.stringify(config)) })
    .where(eq(destinations.id, id));
  return id;
}

describe("a destination whose config was sealed with a lost key", () => {
  it("is read with config null, listed, renamed and deleted", async () => {
    const id = await makeDestination("http", { url: URL });
    const read = await call(a, "GET", `/destinations/${id}`);
    expect([read.status, read.json]).toEqual([
      200,
      expect.objectContaining({ name: "receiver", config: null, signingKeysUrl: null }),
    ]);
    expect(ids(await call(a, "GET", "/destinations"))).toContain(id);
    const tested = await call(a, "POST", `/destinations/${id}/test`);
    expect([tested.status, tested.json]).toMatchObject([
      200,
      { outcome: "failed", reason: "invalid_config" },
    ]);
    expect((await fetchApp(`/.well-known/baton/signing-keys/${id}`)).status).toBe(503);
    const renamed = await call(a, "PATCH", `/destinations/${id}`, { name: "renamed" });
    expect([renamed.status, renamed.json]).toMatchObject([200, { name: "renamed", config: null }]);
    expect((await call(a, "DELETE", `/destinations/${id}`)).status).toBe(204);
  });

  it.each([
    ["http", { url: URL }, { url: URL, headers: { "x-a": "1" } }],
    [
      "slack",
      { url: "https://hooks.slack.com/services/T0/B0/x" },
      { url: "https://hooks.slack.com/services/T1/B1/y" },
    ],
    [
      "discord",
      { url: "https://discord.com/api/webhooks/1/x" },
      { url: "https://discord.com/api/webhooks/2/y" },
    ],
  ] as const)(
    "%s takes a whole config, and no part or mask of the lost one",
    async (kind, old, config) => {
      const id = await makeDestination(kind, old);
      const part = await call(a, "PATCH", `/destinations/${id}`, { config: {} });
      expect([part.status, wrongFields(part)]).toEqual([422, ["config.url"]]);
      const whole = await call(a, "PATCH", `/destinations/${id}`, { config });
      expect([whole.status, whole.json.config]).toEqual([200, expect.any(Object)]);
      const read = await call(a, "GET", `/destinations/${id}`);
      expect(read.json.config).toEqual(whole.json.config);
    },
  );
});

it("a source whose verification was sealed with a lost key is read, renamed, and takes another one", async () => {
  const verification = { preset: "github", secrets: ["a-secret-of-github-1"] };
  const { json } = await call(a, "POST", "/sources", { slug: "lost-key-source", verification });
  const id = String(json.id);
  const sealed = await seal(LOST, `source:${id}`, JSON.stringify(verification));
  await control.update(sources).set({ verification: sealed }).where(eq(sources.id, id));
  const path = `/sources/${id}`;
  const read = await call(a, "GET", path);
  expect([read.status, read.json.verification]).toEqual([200, null]);
  const renamed = await call(a, "PATCH", path, { name: "renamed" });
  expect([renamed.status, renamed.json.name]).toEqual([200, "renamed"]);
  const row = await control.select().from(sources).where(eq(sources.id, id)).get();
  expect(row?.verification).toBe(sealed);
  const again = await call(a, "PATCH", path, { verification });
  expect([again.status, again.json.verification]).toEqual([
    200,
    expect.objectContaining({ preset: "github" }),
  ]);
});

it("deleting a source that kept events for longer makes the default's pass start over", async () => {
  const { json } = await call(a, "POST", "/sources", { slug: "kept-longer", retentionDays: 60 });
  const changedAt = async () =>
    (
      await control.query.settings.findFirst({
        where: (row, { eq: is }) => is(row.name, "retention_changed_at"),
      })
    )?.value;
  expect(await changedAt()).toBeUndefined();
  expect((await call(a, "DELETE", `/sources/${String(json.id)}`)).status).toBe(204);
  expect(Number(await changedAt())).toBeGreaterThan(Date.now() - 60_000);
});
