import { PortalDefinition } from "../../src/portals/definition.ts";

const BASE = "http://site.test";

/** A resolved definition of the pretended site. */
export function pairDefinition(changes: Record<string, unknown> = {}): PortalDefinition {
  return PortalDefinition.parse({
    origins: [BASE],
    login: {
      steps: [{ do: "goto", url: `${BASE}/login` }],
      code: {
        asked: { selector: "#code" },
        steps: [{ do: "fill", selector: "#code", value: "{code}" }],
        resend: [{ do: "click", selector: "#again" }],
      },
      success: { selector: "#home" },
      form: { selector: "#login" },
    },
    health: { url: `${BASE}/health` },
    verdicts: { in: [{ status: [200] }], out: [{ status: [401] }] },
    logout: { method: "POST", url: `${BASE}/logout` },
    ...changes,
  });
}
