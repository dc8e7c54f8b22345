import { matchesUrl } from "../portals/index.ts";
import type { Credentials, Step } from "../portals/schemas.ts";
import type { StepTiming } from "../session-pairs/index.ts";
import { MAX_STEP_CHARS, OPTIONAL_STEP_MS } from "./constants.ts";
import { until, within } from "./deadline.ts";
import { LoginFault } from "./fault.ts";
import { fillText } from "./fill-text.ts";
import { CHOOSE, CLICK_POINT, FOCUS_FIELD, SEE } from "./page-scripts.ts";
import type { Tab } from "./tab.ts";
import { withoutQuery } from "./without-query.ts";

export type StepsInput = {
  steps: readonly Step[];
  stepTimeoutMs: number;
  credentials: Credentials;
  code: string | null;
  timings: StepTiming[];
  /** Called before a step. */
  before?: (step: Step, index: number) => Promise<void>;
};

/** A required step that could not be done; `element`: what it works on never came. */
export class StepStuck extends Error {
  readonly element: boolean;

  constructor(element: boolean) {
    super("a step could not be done");
    this.element = element;
  }
}

/** Does the steps one after the other. Throws `StepStuck` or `LoginFault`. */
export async function runSteps(tab: Tab, input: StepsInput): Promise<void> {
  // An answer may be there before its step: it counts from the begin of the step before.
  let since = Date.now();
  for (const [index, step] of input.steps.entries()) {
    await input.before?.(step, index);
    const started = Date.now();
    const work = doStep(tab, step, input, since);
    const done = await timed(input.timings, nameOf(step), work);
    if (!done && !step.optional) {
      throw new StepStuck(step.do !== "waitForUrl" && step.do !== "waitForResponse");
    }
    since = started;
  }
}

/** Notes how long something took, and whether it was done. */
export async function timed<T>(timings: StepTiming[], step: string, work: Promise<T>): Promise<T> {
  const started = Date.now();
  const note = (ok: boolean) => timings.push({ step, ms: Date.now() - started, ok });
  try {
    const value = await work;
    note(value !== false);
    return value;
  } catch (error) {
    note(false);
    throw error;
  }
}

/** False: not done in its time. */
async function doStep(tab: Tab, step: Step, input: StepsInput, since: number): Promise<boolean> {
  const usual = step.optional
    ? Math.min(OPTIONAL_STEP_MS, input.stepTimeoutMs)
    : input.stepTimeoutMs;
  const ms = step.timeoutMs ?? usual;
  switch (step.do) {
    case "goto":
      await tab.goto(step.url, ms);
      return true;
    case "fill":
      return fill(tab, step.selector, fillText(step.value, input.credentials, input.code), ms);
    case "click":
      return click(tab, step.selector, ms);
    case "waitForSelector":
      return holds(ms, async () => {
        const seen = await tab.call<{ selectors: boolean[] }>(SEE, [step.selector], []);
        return seen?.selectors[0] === true;
      });
    case "waitForUrl":
      return holds(ms, async () => {
        tab.check();
        return matchesUrl(step.url, tab.page.url());
      });
    case "waitForResponse":
      return holds(ms, async () => {
        tab.check();
        return tab.traffic
          .answers(since)
          .some(
            ({ url, status }) =>
              matchesUrl(step.url, url) && (step.status === undefined || step.status === status),
          );
      });
  }
}

async function fill(tab: Tab, selector: string, text: string | null, ms: number) {
  if (text === null) throw new LoginFault("credentials_missing");
  const ready = await holds(ms, async () => {
    tab.assertAllowed();
    if (await tab.call<boolean>(CHOOSE, selector, text)) return true;
    if (!(await tab.call<boolean>(FOCUS_FIELD, selector))) return false;
    // Key by key: forms listen to keys, and boxes for single digits move the focus by themselves.
    await within(tab.left, "page_hung", tab.page.keyboard.type(text));
    return true;
  });
  return ready;
}

async function click(tab: Tab, selector: string, ms: number): Promise<boolean> {
  const point = await tab.ask<{ x: number; y: number }>(ms, CLICK_POINT, selector);
  if (!point) return false;
  await within(tab.left, "page_hung", tab.page.mouse.click(point.x, point.y));
  return true;
}

async function holds(ms: number, ask: () => Promise<boolean>): Promise<boolean> {
  return (await until(ms, async () => ((await ask()) ? true : null))) ?? false;
}

/** Never what is typed, and no query: both may be secret. */
function nameOf(step: Step): string {
  const what =
    "selector" in step
      ? step.selector
      : step.url.startsWith("/")
        ? step.url
        : withoutQuery(step.url);
  return `${step.do} ${what}`.slice(0, MAX_STEP_CHARS);
}
