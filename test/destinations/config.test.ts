import { describe, expect, it } from "vitest";
import { openConfig, patchConfig, sealConfig } from "../../src/destinations/config.ts";
import { DRIVERS } from "../../src/destinations/deliver.ts";
import { BatonError } from "../../src/errors.ts";
import { httpConfig, SETTINGS } from "./fixtures.ts";

const A = `whsec_${btoa("a".repeat(24))}`;
const B = `whsec_${btoa(`${"b".repeat(23)}!`)}`;
const SLACK = { url: "https://hooks.slack.com/services/T000/B000/sEcReT" };
const CURRENT = httpConfig("https://example.org/hook", {
  headers: { "X-Api-Key": "k1", "x-plain": "p1" },
  timeoutMs: 2000,
  sign: { scheme: "standard-webhooks", secret: A },
});

const patchHttp = (patch: Record<string, unknown>, current = CURRENT) =>
  patchConfig(SETTINGS, "http", current, patch);

function refusalOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof BatonError) return error.errors?.map(({ path }) => path) ?? [];
    throw error;
  }
  return [];
}

describe("masking", () => {
  it("shows no secret of an http config", () => {
    const masked = DRIVERS.http.mask(CURRENT);
    expect(masked).toEqual({
      ...CURRENT,
      headers: { "X-Api-Key": "********", "x-plain": "p1" },
      sign: { scheme: "standard-webhooks", secret: `whsec_********${A.slice(-4)}` },
    });
  });

  it.each([
    [SLACK.url, "https://hooks.slack.com/services/T000/B000/********"],
    ["http://127.0.0.1:9/services/T1/B1/x?y=z", "http://127.0.0.1:9/services/T1/B1/********"],
    ["https://slack.example.org/hook/secret", "https://slack.example.org/********"],
  ])("shows of %s only whose it is", (url, expected) => {
    expect(DRIVERS.slack.mask({ url })).toEqual({ url: expected });
  });
});

describe("PATCH config", () => {
  it("sends back what was masked and changes nothing", () => {
    expect(patchHttp(DRIVERS.http.mask(CURRENT))).toEqual(CURRENT);
    const masked = DRIVERS.slack.mask(SLACK);
    expect(patchConfig(SETTINGS, "slack", SLACK, masked)).toEqual(SLACK);
  });

  it("replaces a key and keeps the others", () => {
    expect(patchHttp({ timeoutMs: 3000 })).toEqual({ ...CURRENT, timeoutMs: 3000 });
  });

  it("removes a key with null", () => {
    const { sign: _, ...unsigned } = CURRENT;
    expect(patchHttp({ sign: null, timeoutMs: null })).toEqual({ ...unsigned, timeoutMs: 15_000 });
    expect(patchHttp({ headers: null })).toEqual({ ...CURRENT, headers: {} });
  });

  it("merges headers by name, without case", () => {
    const patch = { headers: { "x-api-key": "********", "X-New": "n", "x-plain": null } };
    expect(patchHttp(patch)).toMatchObject({ headers: { "x-api-key": "k1", "X-New": "n" } });
  });

  it("rotates: a new secret beside the mask of the old one", () => {
    const mask = `whsec_********${A.slice(-4)}`;
    const sign = { scheme: "standard-webhooks", secrets: [B, mask] };
    expect(patchHttp({ sign })).toMatchObject({ sign: { secrets: [B, A] } });
  });

  it("finishes a rotation: the mask of one of two secrets", () => {
    const scheme = "standard-webhooks";
    const both = httpConfig("https://example.org/hook", { sign: { scheme, secrets: [B, A] } });
    const sign = { scheme, secret: `whsec_********${B.slice(-4)}` };
    expect(patchHttp({ sign }, both)).toMatchObject({ sign: { secret: B } });
  });

  it.each([
    [{ headers: { "x-other-key": "********" } }, "config.headers.x-other-key"],
    [{ headers: { "x-plain": "********" } }, "config.headers.x-plain"],
    [{ sign: { scheme: "standard-webhooks", secret: "whsec_********zzzz" } }, "config.sign.secret"],
    [{ sign: { scheme: "standard-webhooks", secret: "********" } }, "config.sign.secret"],
  ])("refuses a mask that stands for nothing: %j", (patch, path) => {
    expect(refusalOf(() => patchHttp(patch))).toEqual([path]);
  });

  it("refuses another hook's mask", () => {
    const patch = { url: "https://hooks.slack.com/services/T000/B999/********" };
    expect(refusalOf(() => patchConfig(SETTINGS, "slack", SLACK, patch))).toEqual(["config.url"]);
  });

  it("refuses what a creation would refuse", () => {
    expect(refusalOf(() => patchHttp({ url: "http://10.0.0.1/" }))).toEqual(["config.url"]);
    expect(refusalOf(() => patchHttp({ url: null }))).toEqual(["config.url"]);
    expect(refusalOf(() => patchHttp({ rate: 5 }))).toEqual(["config.rate"]);
  });
});

describe("at rest", () => {
  it("opens for its own row only, and with its own key only", async () => {
    const sealed = await sealConfig(SETTINGS, "dst_1", SLACK);
    const row = { id: "dst_1", kind: "slack", config: sealed };
    expect(sealed).not.toContain("sEcReT");
    expect(await openConfig(SETTINGS, row)).toEqual(SLACK);
    await expect(openConfig(SETTINGS, { ...row, id: "dst_2" })).rejects.toThrow(/./);
    await expect(openConfig({ masterKey: btoa("k".repeat(32)) }, row)).rejects.toThrow(
      /master key/,
    );
  });

  it("does not quote a config that is none of its kind", async () => {
    const sealed = await sealConfig(SETTINGS, "dst_1", SLACK);
    const broken = { id: "dst_1", kind: "http", config: sealed };
    // A Slack URL is a valid http URL, so the kinds differ by what else they hold.
    expect(await openConfig(SETTINGS, broken)).toMatchObject({ timeoutMs: 15_000 });
    const http = await sealConfig(SETTINGS, "dst_1", CURRENT);
    const other = openConfig(SETTINGS, { id: "dst_1", kind: "slack", config: http });
    await expect(other).rejects.toThrow("the stored config of dst_1 is no slack config");
  });
});
