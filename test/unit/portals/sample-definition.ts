import { PortalDefinition } from "../../../src/portals/schemas.ts";

/** A definition as somebody would write it; `changes` replace parts at its top. */
export function sampleInput(changes: Record<string, unknown> = {}) {
  return {
    origins: ["{base}"],
    login: {
      steps: [
        { do: "goto", url: "/login" },
        { do: "fill", selector: "#id", value: "{username}" },
        { do: "fill", selector: "#password", value: "{password}" },
        { do: "click", selector: "button" },
      ],
      code: {
        asked: { selector: "#code" },
        steps: [
          { do: "fill", selector: "#code", value: "{code}" },
          { do: "click", selector: "#send" },
        ],
      },
      success: { selector: "#home" },
      form: { selector: "#password" },
    },
    health: { url: "/api/me" },
    verdicts: { in: [{ status: [200] }], out: [{ status: [401] }] },
    ...changes,
  };
}

export function sampleDefinition(changes: Record<string, unknown> = {}): PortalDefinition {
  return PortalDefinition.parse(sampleInput(changes));
}
