import { Liquid, LiquidError, type Template } from "liquidjs";
import { MAX_TEMPLATE_CHARS, SEOUL_OFFSET_MINUTES } from "./constants.ts";
import { StepFailure } from "./failure.ts";
import { meterFilters } from "./metered-filters.ts";
import { KOREAN_FILTERS } from "./template-filters.ts";

/** Tags that load other templates: there are none. */
const REMOVED_TAGS = ["include", "render", "layout", "block"];
/** Filters by which a list could hold itself again and again, and grow without end for whoever writes it. */
const REMOVED_FILTERS = ["push", "unshift"];

export const liquid = makeLiquid();

function makeLiquid(): Liquid {
  const made = new Liquid({
    strictFilters: true,
    strictVariables: false,
    ownPropertyOnly: true,
    templates: {},
    relativeReference: false,
    parseLimit: MAX_TEMPLATE_CHARS,
    timezoneOffset: -SEOUL_OFFSET_MINUTES,
    locale: "en-US",
  });
  for (const tag of REMOVED_TAGS) delete made.tags[tag];
  for (const filter of REMOVED_FILTERS) delete made.filters[filter];
  for (const [name, filter] of Object.entries(KOREAN_FILTERS)) made.registerFilter(name, filter);
  meterFilters(made);
  return made;
}

/** Parses a template; throws StepFailure on what is none, with line and column. */
export function parseTemplate(template: string): Template[] {
  try {
    return liquid.parse(template);
  } catch (error) {
    throw new StepFailure(`is no Liquid template: ${liquidMessage(error)}`);
  }
}

/** What the library says went wrong, with line and column. */
export function liquidMessage(error: unknown): string {
  const isLiquid = LiquidError.is(error);
  return isLiquid || error instanceof Error ? error.message : "it could not be read";
}
