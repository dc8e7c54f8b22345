import { describe, expect, it } from "vitest";
import { jsonValue } from "../../src/ingest/dedup-key.ts";
import { deriveIngestKey } from "../../src/ingest-key.ts";
import {
  maskVerification,
  settleVerification,
  type Verification,
} from "../../src/verification/index.ts";

const common = { toleranceSeconds: 300, onFailure: "reject" as const };
const current: Verification = {
  preset: "meta",
  secrets: ["first-secret-1111", "second-secret-2222", "short"],
  verifyToken: "verify-token-3333",
  ...common,
};

it("a mask tells the last four characters, and nothing of a short secret", () => {
  expect(maskVerification(current)).toEqual({
    ...current,
    secrets: ["********1111", "********2222", "********"],
    verifyToken: "********3333",
  });
});

it("masks mean the current values, wherever they stand", () => {
  const rotated = {
    ...current,
    secrets: ["new-secret-4444", "********2222", "********"],
    verifyToken: "********3333",
  };
  expect(settleVerification(rotated, current)).toEqual({
    ...current,
    secrets: ["new-secret-4444", "second-secret-2222", "short"],
  });
});

it("both halves of the pair of SENS v1 are masked, and their masks mean them", () => {
  const pair: Verification = {
    preset: "sens_v1",
    secrets: ["service-secret-1111"],
    authKey: "auth-key-of-sens-2222",
    ...common,
  };
  const masked = { ...pair, secrets: ["********1111"], authKey: "********2222" };
  expect(maskVerification(pair)).toEqual(masked);
  expect(settleVerification(masked, pair)).toEqual(pair);
});

it.each([
  [{ preset: "github", secrets: ["********9999"] }, "verification.secrets.0"],
  [{ preset: "standard-webhooks", secrets: ["no Base64!"] }, "verification.secrets.0"],
  [{ preset: "portone", secrets: ["whsec_AAEC", "whpk_AAEC"] }, "verification.secrets.1"],
  [{ preset: "discord", secrets: ["abc"] }, "verification.secrets.0"],
  [{ preset: "meta", secrets: ["s"], verifyToken: "********" }, "verification.verifyToken"],
  [{ preset: "sens_v1", secrets: ["s"], authKey: "********" }, "verification.authKey"],
])("%j is refused at %s", (input, path) => {
  const settle = () => settleVerification({ ...common, ...input } as Verification, null);
  expect(settle).toThrow(path);
});

describe("masks that several secrets have", () => {
  const twins = ["one-of-twins-1111", "two-of-twins-1111", "another-2222"];
  const settle = (...secrets: string[]) =>
    settleVerification(
      { preset: "github", secrets, ...common },
      { preset: "github", secrets: twins, ...common },
    ).secrets;

  it("mean the one at the same place", () => {
    expect(settle("********1111", "********1111", "********2222")).toEqual(twins);
    expect(settle("new-secret-3333", "********1111", "********2222")[1]).toBe(twins[1]);
  });

  it.each([
    [["********1111", "********2222"], "verification.secrets.0"],
    [["********1111"], "verification.secrets.0"],
    [["new-1", "new-2", "********1111"], "verification.secrets.2"],
    [["********1111", "********1111", "********2222", "********1111"], "verification.secrets.3"],
  ])("%j: nobody can say which, so the value itself is asked for", (secrets, path) => {
    expect(() => settle(...secrets)).toThrow(`${path}: is a mask that fits several`);
  });
});

it("the ingest key is what OpenSSL derives from the master key", async () => {
  // openssl kdf -keylen 32 -kdfopt digest:SHA2-256 -kdfopt hexkey:<64 zeros> -kdfopt info:ingest -binary HKDF | base64
  const masterKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  expect(await deriveIngestKey(masterKey)).toBe("VzHUoAt9bBsAx1f2D9Ano0umONqnf+jH5RXgkjfpkHo=");
});

it.each([
  ['{"a":{"id":7}}', "a.id", "[7]"],
  ['{"id":"x"}', "id", '["x"]'],
  ['{"id":12345678901234567890}', "id", '["12345678901234567890"]'],
  ['{"id":12345678901234567891}', "id", '["12345678901234567891"]'],
  ['{"list":[{"id":1},{"id":2}]}', "list.id", "[1,2]"],
  ['{"id":0}', "id", "[0]"],
  ['{"id":null}', "id", null],
  ['{"id":""}', "id", null],
  ['{"other":1}', "id", null],
  ["no json", "id", null],
  [`${"[".repeat(100_000)}`, "id", null],
  [null, "id", null],
])("dedup: %s at %s is %s", (text, path, value) => {
  expect(jsonValue(text, path)).toBe(value);
});
