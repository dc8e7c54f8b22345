import { beforeAll, describe, expect, it } from "vitest";
import { call, makeTenant, type Tenant, wrongFields } from "./support.ts";

const SMS = { from: "sms", windowSeconds: 120 };
let tenant: Tenant;
let slugs = 0;
beforeAll(async () => {
  tenant = await makeTenant("phone-sources");
});

const create = (body: object) =>
  call(tenant, "POST", "/sources", { slug: `phones-${++slugs}`, ...body });

describe("a source for phones", () => {
  it.each([
    ["takes a message within two minutes once", { preset: "phone" }, SMS],
    ["has none by `dedup: null`", { preset: "phone", dedup: null }, null],
    [
      "has its own when it says so",
      { preset: "phone", dedup: { ...SMS, windowSeconds: 5 } },
      { ...SMS, windowSeconds: 5 },
    ],
    ["is the only one with a default", {}, null],
  ])("%s", async (_, body, dedup) => {
    const { status, json } = await create(body);
    expect([status, json.dedup]).toEqual([201, dedup]);
    expect((await call(tenant, "GET", `/sources/${json.id}`)).json.dedup).toEqual(dedup);
  });

  it("can be switched off and on", async () => {
    const path = `/sources/${(await create({ preset: "phone" })).json.id}`;
    expect((await call(tenant, "PATCH", path, { dedup: null })).json.dedup).toBeNull();
    expect((await call(tenant, "PATCH", path, { name: "still" })).json.dedup).toBeNull();
    expect((await call(tenant, "PATCH", path, { dedup: SMS })).json.dedup).toEqual(SMS);
  });

  it("becomes one by PATCH, and keeps its dedup", async () => {
    const path = `/sources/${(await create({})).json.id}`;
    const answer = await call(tenant, "PATCH", path, { preset: "phone", dedup: SMS });
    expect([answer.status, answer.json.preset, answer.json.dedup]).toEqual([200, "phone", SMS]);
  });
});

describe("`dedup.from: sms` is refused where no phone calls, with the remedy", () => {
  it("by POST", async () => {
    for (const preset of ["generic", "slack", undefined]) {
      const answer = await create({ preset, dedup: SMS });
      expect([answer.status, wrongFields(answer)]).toEqual([422, ["dedup.from"]]);
      expect(answer.json.detail).toContain("`phone`");
    }
  });

  it.each([{ preset: "generic" }, { preset: "generic", dedup: SMS }])(
    "by PATCH of %j, and nothing is changed",
    async (patch) => {
      const path = `/sources/${(await create({ preset: "phone" })).json.id}`;
      const answer = await call(tenant, "PATCH", path, patch);
      expect([answer.status, wrongFields(answer)]).toEqual([422, ["dedup.from"]]);
      expect((await call(tenant, "GET", path)).json).toMatchObject({ preset: "phone", dedup: SMS });
      const both = await call(tenant, "PATCH", path, { preset: "generic", dedup: null });
      expect([both.status, both.json.dedup]).toEqual([200, null]);
    },
  );
});
