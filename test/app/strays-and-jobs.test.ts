import { beforeAll, describe, expect, it } from "vitest";
import { strays } from "../../src/db/schema/events.ts";
import { newId } from "../../src/ids.ts";
import { JOB_NAMES } from "../../src/jobs/schemas.ts";
import { call, ids, makeTenant, shard, type Tenant, wrongFields } from "./support.ts";

let operator: Tenant;
let a: Tenant;
let b: Tenant;
beforeAll(async () => {
  operator = await makeTenant("operator", { isOperator: true });
  a = await makeTenant("strays-a");
  b = await makeTenant("strays-b");
});

async function insertStray(organizationId: string | null, receivedAt = Date.now()) {
  const id = newId("stray", receivedAt, 0);
  await shard.insert(strays).values({
    id,
    organizationId,
    host: "lost.localhost",
    method: "POST",
    path: "/lost",
    query: "a=1",
    headers: [["authorization", "Bearer secret"]],
    size: 3,
    body: Uint8Array.of(1, 2, 3),
    ip: "192.0.2.1",
    reason: organizationId ? "source_deleted" : "unknown_source",
    receivedAt,
  });
  return id;
}

describe("GET /strays", () => {
  it("an organization sees its own, the operator also those of nobody", async () => {
    const ofA = await insertStray(a.organizationId, Date.now() - 3000);
    const ofNobody = await insertStray(null, Date.now() - 2000);
    const ofOperator = await insertStray(operator.organizationId, Date.now() - 1000);
    expect(ids(await call(a, "GET", "/strays"))).toEqual([ofA]);
    expect(ids(await call(b, "GET", "/strays"))).toEqual([]);
    const first = await call(operator, "GET", "/strays?limit=1");
    const second = await call(operator, "GET", `/strays?limit=1&cursor=${first.json.nextCursor}`);
    expect([...ids(first), ...ids(second)]).toEqual([ofOperator, ofNobody]);
    expect(second.json.nextCursor).toBeNull();
    expect(second.text).not.toContain("secret");
    expect(second.json.data).toEqual([
      {
        id: ofNobody,
        host: "lost.localhost",
        method: "POST",
        path: "/lost",
        query: "a=1",
        headers: [["authorization", "********"]],
        size: 3,
        ip: "192.0.2.1",
        reason: "unknown_source",
        receivedAt: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it.each([["limit=0"], ["cursor=x"], ["host=a"]])("%s is 400", async (query) => {
    expect((await call(a, "GET", `/strays?${query}`)).status).toBe(400);
  });
});

describe("POST /jobs/{name}/run", () => {
  it.each(JOB_NAMES.map((name) => [name]))("runs %s and says what it did", async (name) => {
    const { status, json } = await call(operator, "POST", `/jobs/${name}/run`);
    expect([status, json]).toEqual([200, { job: name, report: expect.any(Object) }]);
  });

  it("an unknown job is 404 and names the jobs", async () => {
    const answer = await call(operator, "POST", "/jobs/nothing/run");
    expect([answer.status, wrongFields(answer)]).toEqual([404, ["name"]]);
    for (const name of JOB_NAMES) expect(answer.json.detail).toContain(name);
  });

  it("is the operator's only", async () => {
    expect((await call(a, "POST", "/jobs/sweep/run")).status).toBe(403);
  });
});
