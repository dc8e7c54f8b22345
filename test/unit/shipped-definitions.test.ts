import { describe, expect, it } from "vitest";
import { DefinitionName, PortalDefinition } from "../../src/portals/schemas.ts";
import { SHIPPED_DEFINITIONS } from "../../src/portals/shipped/index.ts";

const SHIPPED = Object.entries(SHIPPED_DEFINITIONS);

it("two definitions are shipped", () => {
  expect(Object.keys(SHIPPED_DEFINITIONS)).toEqual(["simulated", "delivery-partner-center"]);
});

describe.each(SHIPPED)("%s", (name, definition) => {
  it("is what an operator's own would have to be", () => {
    expect(DefinitionName.parse(name)).toBe(name);
    expect(PortalDefinition.parse(JSON.parse(JSON.stringify(definition)))).toEqual(definition);
  });

  it("names no site: all it calls is below the portal's base", () => {
    expect(JSON.stringify(definition)).not.toMatch(/https?:|\.(com|kr|net|co)\b/);
    expect(definition.origins).toEqual(["{base}"]);
  });

  it("can log in with a code, ask for another one, and log out with the center's id", () => {
    expect(definition.login.code?.resend).toHaveLength(1);
    expect(definition.logout).toMatchObject({
      method: "POST",
      url: "/logout",
      headers: { "center-id": "{value.centerId}" },
    });
    expect(Object.keys(definition.values)).toEqual(["centerId"]);
  });
});
