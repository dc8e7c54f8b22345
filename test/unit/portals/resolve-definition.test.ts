import { describe, expect, it } from "vitest";
import { resolveDefinition } from "../../../src/portals/resolve-definition.ts";
import { sampleDefinition } from "./sample-definition.ts";

const BASE = "https://partner.example.com/center";

describe("a definition for one portal", () => {
  it("has absolute addresses, all below the base URL", () => {
    const { login, health, logout } = resolveDefinition(
      sampleDefinition({ logout: { method: "POST", url: "{base}/logout" } }),
      BASE,
    );
    expect(login.steps[0]).toMatchObject({ url: `${BASE}/login` });
    expect(health.url).toBe(`${BASE}/api/me`);
    expect(logout?.url).toBe(`${BASE}/logout`);
  });

  it("has origins as a URL's", () => {
    const definition = sampleDefinition({ origins: ["{base}", "https://auth.example.com"] });
    const { origins } = resolveDefinition(definition, BASE);
    expect(origins).toEqual(["https://partner.example.com", "https://auth.example.com"]);
  });

  it("has `{base}` in every text, and leaves what is filled in later", () => {
    const { headers, login, verdicts } = resolveDefinition(
      sampleDefinition({
        headers: { referer: "{base}/home", "center-id": "{value.center}" },
        values: { center: { from: "cookie", name: "cid" } },
        verdicts: { in: [{ status: [200] }], out: [{ url: "{base}/login*" }] },
      }),
      BASE,
    );
    expect(headers).toEqual({ referer: `${BASE}/home`, "center-id": "{value.center}" });
    expect(login.steps[1]).toMatchObject({ value: "{username}" });
    expect(verdicts.out).toEqual([{ url: `${BASE}/login*` }]);
  });

  it("takes the base URL as it is, whatever stands in it", () => {
    const base = "https://partner.example.com/$&/$1$$";
    const logout = { method: "POST", url: "{base}/logout" } as const;
    expect(resolveDefinition(sampleDefinition({ logout }), base).logout?.url).toBe(
      `${base}/logout`,
    );
  });

  it("leaves globs that are paths as they are", () => {
    const success = { url: "/home*" };
    const { login } = resolveDefinition(
      sampleDefinition({ login: { ...sampleDefinition().login, success } }),
      BASE,
    );
    expect(login.success).toEqual(success);
  });

  it("is another one: the definition stays as it was", () => {
    const definition = sampleDefinition();
    const before = structuredClone(definition);
    resolveDefinition(definition, BASE);
    expect(definition).toEqual(before);
  });
});
