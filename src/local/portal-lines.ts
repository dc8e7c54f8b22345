import { z } from "zod";
import type { Happening } from "../../test/portal-site/index.ts";
import type { Messages } from "./messages.ts";

/** What a session pair writes with each of its steps. */
export const PortalStep = z.object({
  event: z.literal("portal_step"),
  slot: z.enum(["A", "B"]).nullish(),
  step: z.string(),
  ms: z.number().nullish(),
  waitedMs: z.number().nullish(),
  reason: z.string().nullish(),
  cause: z.string().nullish(),
});
type PortalStep = z.infer<typeof PortalStep>;

/** portal → session A → what it does */
export function stepLine({ slot, step, ms, waitedMs, ...fields }: PortalStep, say: Messages) {
  const { portal, slot: nameOf, steps } = say.portals;
  const text = Object.hasOwn(steps, step) ? steps[step]?.({ ms: ms ?? waitedMs, ...fields }) : step;
  return [portal, slot ? nameOf(slot) : null, text].filter(Boolean).join(" → ");
}

/** The line for what the simulated portal has seen, or undefined where the pair's own step says it. Codes are masked. */
export function happeningLine({ what, code, of }: Happening, say: Messages): string | undefined {
  const { site, happenings } = say.portals;
  if (!Object.hasOwn(happenings, what)) return undefined;
  return `  ${site}: ${happenings[what]?.(code ?? "", of ?? "")}`;
}
