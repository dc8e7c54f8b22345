import { beforeAll, describe, expect, it } from "vitest";
import { call, makeTenant, type Tenant, wrongFields } from "./support.ts";

let tenant: Tenant;
let sourceId: string;
let destinationId: string;
beforeAll(async () => {
  tenant = await makeTenant("strictness", { isOperator: true });
  sourceId = String((await call(tenant, "POST", "/sources", { slug: "strictness" })).json.id);
  const destination = { name: "d", kind: "http", config: { url: "https://receiver.example.net/" } };
  destinationId = String((await call(tenant, "POST", "/destinations", destination)).json.id);
});

describe("nothing is accepted and ignored", () => {
  it.each([
    ["GET", "/sources/ID?foo=1", undefined],
    ["GET", "/sources?foo=1", undefined],
    ["DELETE", "/sources/ID", { force: true }],
    ["POST", "/jobs/prune/run", { dryRun: true }],
    ["POST", "/jobs/prune/run?dryRun=1", undefined],
    ["GET", "/sources?limit=1e1", undefined],
    ["GET", "/sources?limit=0x10", undefined],
    ["GET", "/deliveries?eventId=nonsense", undefined],
    ["GET", "/health?deep=2", undefined],
  ])("%s %s %j is 400", async (method, path, body) => {
    const url = path.startsWith("/health") ? `/api/..${path}` : path.replace("ID", sourceId);
    expect((await call(tenant, method, url, body)).status).toBe(400);
  });

  it("the source of these tests is still there", async () => {
    expect((await call(tenant, "GET", `/sources/${sourceId}`)).status).toBe(200);
  });
});

describe("a name that would spoil a terminal or a list is 422", () => {
  const rule = () => ({ sourceId, destinationId, match: {} });
  const destination = { kind: "http", config: { url: "https://receiver.example.net/" } };
  it.each(["", "   ", "a\nb", "\u0000", "\u001b[2J", "\ud800", "x".repeat(1000)])(
    "%j",
    async (name) => {
      const answers = await Promise.all([
        call(tenant, "POST", "/sources", { slug: "named", name }),
        call(tenant, "POST", "/destinations", { ...destination, name }),
        call(tenant, "POST", "/rules", { ...rule(), name }),
        call(tenant, "POST", "/api-keys", { scopes: ["read"], name }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
      for (const answer of answers) expect(wrongFields(answer)).toContain("name");
    },
  );
});
