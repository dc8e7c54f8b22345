import type { Liquid } from "liquidjs";
import type { MeteredContext } from "./metered-context.ts";

type Handler = (this: { context: MeteredContext }, ...args: unknown[]) => unknown;
type Filter = Handler | { handler: Handler; raw?: boolean };

/** Filters that evaluate something for each element of a list. */
const HEAVY = /^(?:where|reject|group_by|find|find_index|has|map|sum|sort|sort_natural)(?:_exp)?$/;
const UNITS_PER_ELEMENT = 2;
/** Characters and elements that count as one unit of work when a filter goes over them. */
const CHARS_PER_UNIT = 64;
const PARTS_PER_UNIT = 8;

/** Makes every filter count what it is given before it works on it. */
export function meterFilters(liquid: Liquid): void {
  for (const [name, filter] of Object.entries(
    liquid.filters as unknown as Record<string, Filter>,
  )) {
    const { handler, raw = false } = typeof filter === "function" ? { handler: filter } : filter;
    const isHeavy = HEAVY.test(name);
    const metered: Handler = function (...args) {
      this.context.meter.spend(costOf(this.context, args, isHeavy));
      return handler.apply(this, args);
    };
    liquid.registerFilter(name, { handler: metered as never, raw });
  }
}

function costOf({ meter }: MeteredContext, args: readonly unknown[], isHeavy: boolean): number {
  let units = 1;
  for (const arg of args) {
    const perUnit = typeof arg === "string" ? CHARS_PER_UNIT : PARTS_PER_UNIT;
    units += meter.sizeOf(arg) / perUnit;
    if (isHeavy && Array.isArray(arg)) units += arg.length * UNITS_PER_ELEMENT;
  }
  return units;
}
