import type { Reason, StepTiming } from "../session-pairs/index.ts";
import type { Stand } from "./classify.ts";
import { LoginFault, Stopped } from "./fault.ts";
import type { LoginInput, LoginOutcome, OnPhase, Phase } from "./login-browser.ts";
import { type Browsers, endTab, letGo } from "./open-tab.ts";
import { timed } from "./steps.ts";
import type { Tab } from "./tab.ts";
import { takeScreenshot } from "./take-evidence.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import { withoutQuery } from "./without-query.ts";

export type Visit = {
  tab: Tab;
  timings: StepTiming[];
  /** Asks the caller whether the login may go on. Throws `Stopped` when not. */
  phase: (phase: Phase) => Promise<void>;
};

export type VisitInput = LoginInput & {
  /** Of the timing that says how long the browser took. */
  label: "launch" | "connect";
  open: () => Promise<Tab>;
  /** What is typed in this visit, for masking. */
  code: string | null;
  /** Null: nobody asks. */
  onPhase: OnPhase | null;
};

/**
 * A visit to a browser: opens it, has the work done, and turns where the login then stands into an outcome. The browser
 * goes on only when a code is asked for; in every other end it is closed. Throws only what `onPhase` throws.
 */
export async function visit(
  browsers: Browsers,
  input: VisitInput,
  work: (visit: Visit) => Promise<Stand>,
): Promise<LoginOutcome> {
  const steps: StepTiming[] = [];
  let tab: Tab | null = null;
  try {
    const opened = await timed(steps, input.label, input.open());
    tab = opened;
    const phase = (next: Phase) => tell(input.onPhase, next, opened.id);
    const stand = await work({ tab, timings: steps, phase });
    return await conclude(browsers, input, { tab, timings: steps, phase }, stand);
  } catch (error) {
    if (error instanceof Stopped) {
      if (tab) await endTab(browsers, tab);
      throw error.cause;
    }
    return fail(browsers, input, tab, steps, reasonOf(error, tab));
  }
}

async function conclude(
  browsers: Browsers,
  input: VisitInput,
  { tab, timings, phase }: Visit,
  stand: Stand,
): Promise<LoginOutcome> {
  switch (stand.kind) {
    case "in": {
      await phase("verifying");
      const snapshot = await timed(timings, "snapshot", takeSnapshot(tab, input.definition));
      await endTab(browsers, tab);
      return { kind: "in", snapshot, steps: timings };
    }
    case "code":
      await letGo(tab);
      return { kind: "code_asked", browserId: tab.id, steps: timings };
    case "code_rejected":
      await letGo(tab);
      return { kind: "code_rejected", browserId: tab.id, steps: timings };
    case "failed":
      return fail(browsers, input, tab, timings, stand.reason);
  }
}

async function fail(
  browsers: Browsers,
  { credentials, code, definition }: VisitInput,
  tab: Tab | null,
  steps: StepTiming[],
  reason: Reason,
): Promise<LoginOutcome> {
  if (!tab) return { kind: "failed", reason, url: "", screenshot: null, steps };
  const url = withoutQuery(tab.page.url());
  const screenshot = await takeScreenshot(tab, credentials, code, definition.origins);
  await endTab(browsers, tab);
  return { kind: "failed", reason, url, screenshot, steps };
}

async function tell(onPhase: OnPhase | null, phase: Phase, browserId: string): Promise<void> {
  try {
    await onPhase?.(phase, browserId);
  } catch (error) {
    throw new Stopped(error);
  }
}

/** The driver's own words are not kept: they may hold what a page says. */
function reasonOf(error: unknown, tab: Tab | null): Reason {
  if (error instanceof LoginFault) return error.reason;
  try {
    tab?.check();
  } catch (fault) {
    if (fault instanceof LoginFault) return fault.reason;
  }
  return "page_hung";
}
