import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { reservedNames } from "../../src/db/schema/control.ts";
import { call, control, makeTenant, type Tenant, wrongFields } from "./support.ts";

let a: Tenant;
let b: Tenant;
beforeAll(async () => {
  a = await makeTenant("names-a");
  b = await makeTenant("names-b");
});

describe("a name belongs to one source of the deployment", () => {
  it("a taken slug is 409 and tells nothing about its owner", async () => {
    const { json } = await call(a, "POST", "/sources", { slug: "mine", name: "Secret name" });
    const answer = await call(b, "POST", "/sources", { slug: "mine" });
    expect([answer.status, wrongFields(answer)]).toEqual([409, ["slug"]]);
    for (const told of [a.organizationId, String(json.id), "Secret name", "names-a"]) {
      expect(answer.text).not.toContain(told);
    }
  });

  it("a taken hostname is 409 at creation and at change", async () => {
    await call(a, "POST", "/sources", { slug: "host-a", hostnames: ["taken.example.com"] });
    const hostnames = ["free.example.com", "taken.example.com"];
    const created = await call(b, "POST", "/sources", { slug: "host-b", hostnames });
    expect([created.status, wrongFields(created)]).toEqual([409, ["hostnames.1"]]);
    const { json } = await call(b, "POST", "/sources", { slug: "host-b" });
    const changed = await call(b, "PATCH", `/sources/${json.id}`, { name: "x", hostnames });
    expect(changed.status).toBe(409);
    const kept = await call(b, "GET", `/sources/${json.id}`);
    expect(kept.json).toMatchObject({ name: "host-b", hostnames: [] });
  });

  it("of ten creations at once with one slug exactly one is made", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        call(n % 2 ? a : b, "POST", "/sources", { slug: "race" }),
      ),
    );
    const statuses = answers.map(({ status }) => status).toSorted((x, y) => x - y);
    expect(statuses).toEqual([201, ...Array<number>(9).fill(409)]);
  });
});

describe("a name that was given up stays reserved for its organization for 24 h", () => {
  it("slug and hostnames of a deleted source", async () => {
    const { json } = await call(a, "POST", "/sources", {
      slug: "given-up",
      hostnames: ["given-up.example.com"],
    });
    await call(a, "DELETE", `/sources/${json.id}`);
    const slug = await call(b, "POST", "/sources", { slug: "given-up" });
    expect([slug.status, wrongFields(slug)]).toEqual([409, ["slug"]]);
    expect(slug.json.detail).toMatch(/reserved until \d{4}-\d\d-\d\dT[\d:.]+Z/);
    expect(slug.text).not.toContain(a.organizationId);
    const hostnames = ["given-up.example.com"];
    const host = await call(b, "POST", "/sources", { slug: "given-up-2", hostnames });
    expect([host.status, wrongFields(host)]).toEqual([409, ["hostnames.0"]]);
    const again = await call(a, "POST", "/sources", { slug: "given-up", hostnames });
    expect(again.status).toBe(201);
    expect(await reservationsOf("given-up")).toEqual([]);
  });

  it("a hostname taken away by a change", async () => {
    const hostnames = ["moved.example.com"];
    const { json } = await call(a, "POST", "/sources", { slug: "mover", hostnames });
    await call(a, "PATCH", `/sources/${json.id}`, { hostnames: [] });
    const other = await call(b, "POST", "/sources", { slug: "taker" });
    const taken = await call(b, "PATCH", `/sources/${other.json.id}`, { hostnames });
    expect(taken.status).toBe(409);
    const back = await call(a, "PATCH", `/sources/${json.id}`, { hostnames });
    expect([back.status, back.json.hostnames]).toEqual([200, hostnames]);
  });

  it("and is free afterwards", async () => {
    const { json } = await call(a, "POST", "/sources", { slug: "expired" });
    await call(a, "DELETE", `/sources/${json.id}`);
    await control
      .update(reservedNames)
      .set({ until: Date.now() - 1 })
      .where(eq(reservedNames.name, "expired"));
    const taken = await call(b, "POST", "/sources", { slug: "expired" });
    expect(taken.status).toBe(201);
    expect((await call(b, "DELETE", `/sources/${taken.json.id}`)).status).toBe(204);
    expect(await reservationsOf("expired")).toMatchObject([{ organizationId: b.organizationId }]);
  });
});

function reservationsOf(name: string) {
  return control.select().from(reservedNames).where(eq(reservedNames.name, name));
}
