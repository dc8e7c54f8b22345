import { beforeAll, describe, expect, it } from "vitest";
import { deriveIngestKey } from "../../src/ingest-key.ts";
import { openVerification } from "../../src/verification/index.ts";
import { bindings, call, makeTenant, type Tenant, wrongFields } from "./support.ts";

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("verification-a");
});

const GITHUB = { preset: "github", secrets: ["first-secret-1111", "second-secret-2222"] };
const MASKED = {
  ...GITHUB,
  secrets: ["********1111", "********2222"],
  toleranceSeconds: 300,
  onFailure: "reject",
};

async function stored(id: unknown): Promise<{ raw: string | null; open: () => Promise<unknown> }> {
  const row = await bindings.DB.prepare("SELECT verification FROM sources WHERE id = ?")
    .bind(id)
    .first<{ verification: string | null }>();
  const raw = row?.verification ?? null;
  const key = await deriveIngestKey(bindings.MASTER_KEY);
  return { raw, open: () => openVerification(key, String(id), raw ?? "") };
}

async function create(slug: string, more: object) {
  const created = await call(a, "POST", "/sources", { slug, ...more });
  expect(created.status).toBe(201);
  return created;
}

describe("verification", () => {
  it("fills in what is left out, masks in every answer, and seals for this source", async () => {
    const created = await create("ver-new", { verification: GITHUB });
    expect(created.json.verification).toEqual(MASKED);
    const { id } = created.json;
    const read = await call(a, "GET", `/sources/${id}`);
    const list = await call(a, "GET", "/sources");
    expect(read.json).toEqual(created.json);
    for (const { text } of [created, read, list]) expect(text).not.toContain("first-secret");
    const { raw, open } = await stored(id);
    expect(raw).not.toContain("secret");
    expect(await open()).toMatchObject(GITHUB);
    const key = await deriveIngestKey(bindings.MASTER_KEY);
    await expect(openVerification(key, "src_other", raw ?? "")).rejects.toThrow();
    await expect(openVerification(bindings.MASTER_KEY, String(id), raw ?? "")).rejects.toThrow();
  });

  it("a repeated request with one Idempotency-Key gets the same masked answer", async () => {
    const body = { slug: "ver-idem", verification: GITHUB };
    const headers = { "idempotency-key": "ver-idem" };
    const first = await call(a, "POST", "/sources", body, headers);
    const second = await call(a, "POST", "/sources", body, headers);
    expect([second.status, second.json]).toEqual([201, first.json]);
  });

  it("PATCH: masks mean unchanged, a new secret rotates, other fields leave it, null removes it", async () => {
    const { id } = (await create("ver-patch", { verification: GITHUB })).json;
    const patch = (body: unknown) => call(a, "PATCH", `/sources/${id}`, body);
    const same = await patch({ verification: { ...MASKED, toleranceSeconds: 60 } });
    expect(same.json.verification).toEqual({ ...MASKED, toleranceSeconds: 60 });
    expect(await (await stored(id)).open()).toMatchObject({ ...GITHUB, toleranceSeconds: 60 });
    const secrets = ["third-secret-3333", "********1111"];
    await patch({ verification: { preset: "github", secrets } });
    await patch({ name: "renamed" });
    expect(await (await stored(id)).open()).toMatchObject({
      secrets: ["third-secret-3333", "first-secret-1111"],
      toleranceSeconds: 300,
    });
    expect((await patch({ verification: null })).json.verification).toBeNull();
    expect((await stored(id)).raw).toBeNull();
    const lost = await patch({ verification: { preset: "github", secrets: ["********1111"] } });
    expect([lost.status, wrongFields(lost)]).toEqual([422, ["verification.secrets.0"]]);
  });

  it("takes the options of the generic preset, and Meta's token", async () => {
    const hmac = {
      preset: "hmac",
      secrets: ["generic-secret-1"],
      toleranceSeconds: 86_400,
      onFailure: "store",
      header: "X-Sign",
      algorithm: "sha512",
      encoding: "base64url",
      prefix: "v1=",
      signed: "timestamp.body",
      timestampHeader: "X-Time",
    };
    const created = await create("ver-hmac", { verification: hmac });
    expect(created.json.verification).toEqual({ ...hmac, secrets: ["********et-1"] });
    const meta = { preset: "meta", secrets: ["s"], verifyToken: "verify-token-9999" };
    const other = await create("ver-meta", { verification: meta });
    expect(other.json.verification).toMatchObject({
      secrets: ["********"],
      verifyToken: "********9999",
    });
  });

  it.each([
    [{ preset: "github", secrets: [] }, "verification.secrets"],
    [{ preset: "github", secrets: ["a", "b", "c", "d", "e", "f"] }, "verification.secrets"],
    [{ preset: "github", secrets: [""] }, "verification.secrets.0"],
    [{ preset: "github", secrets: ["********1111"] }, "verification.secrets.0"],
    [{ preset: "discord", secrets: ["no-key"] }, "verification.secrets.0"],
    [{ preset: "standard-webhooks", secrets: ["whsec_?"] }, "verification.secrets.0"],
    [{ ...GITHUB, toleranceSeconds: 0 }, "verification.toleranceSeconds"],
    [{ ...GITHUB, toleranceSeconds: 86_401 }, "verification.toleranceSeconds"],
    [{ ...GITHUB, onFailure: "ignore" }, "verification.onFailure"],
    [{ ...GITHUB, header: "x-sign" }, "verification.header"],
    [{ preset: "carrier-pigeon", secrets: ["s"] }, "verification.preset"],
    [{ preset: "hmac", secrets: ["s"] }, "verification.header"],
    [{ preset: "hmac", secrets: ["s"], header: "a b" }, "verification.header"],
    [
      { preset: "hmac", secrets: ["s"], header: "x", signed: "timestamp.body" },
      "verification.timestampHeader",
    ],
    [{ preset: "meta", secrets: ["s"] }, "verification.verifyToken"],
    [{ preset: "sens_v1", secrets: ["s"] }, "verification.authKey"],
    [
      { preset: "sens_v1", secrets: ["s"], authKey: "k", onFailure: "store" },
      "verification.onFailure",
    ],
  ])("refuses %j at %s", async (verification, field) => {
    const answer = await call(a, "POST", "/sources", { slug: "ver-bad", verification });
    expect([answer.status, wrongFields(answer)]).toEqual([422, [field]]);
    expect(answer.text).not.toContain("first-secret");
  });
});

describe("dedup", () => {
  it("is kept, replaced and removed", async () => {
    const dedup = { from: "header:X-Delivery", windowSeconds: 2_592_000 };
    const { id, ...json } = (await create("ded-new", { dedup })).json;
    expect(json.dedup).toEqual(dedup);
    const next = { from: "json:data.id", windowSeconds: 1 };
    const patch = (body: unknown) => call(a, "PATCH", `/sources/${id}`, body);
    expect((await patch({ dedup: next })).json.dedup).toEqual(next);
    expect((await patch({ name: "x" })).json.dedup).toEqual(next);
    expect((await patch({ dedup: null })).json.dedup).toBeNull();
  });

  it.each([
    [{ from: "query:id", windowSeconds: 60 }, "dedup.from"],
    [{ from: "header:", windowSeconds: 60 }, "dedup.from"],
    [{ from: "header:a b", windowSeconds: 60 }, "dedup.from"],
    [{ from: "json:", windowSeconds: 60 }, "dedup.from"],
    [{ from: "body ", windowSeconds: 60 }, "dedup.from"],
    [{ from: "body", windowSeconds: 0 }, "dedup.windowSeconds"],
    [{ from: "body", windowSeconds: 2_592_001 }, "dedup.windowSeconds"],
    [{ from: "body", windowSeconds: 1.5 }, "dedup.windowSeconds"],
    [{ from: "body" }, "dedup.windowSeconds"],
    [{ from: "body", windowSeconds: 60, scope: "all" }, "dedup.scope"],
  ])("refuses %j at %s", async (dedup, field) => {
    const answer = await call(a, "POST", "/sources", { slug: "ded-bad", dedup });
    expect([answer.status, wrongFields(answer)]).toEqual([422, [field]]);
  });
});
