import { classify, explainStuck, type Stand, type Typed } from "./classify.ts";
import { LOOK_DEADLINE_MS } from "./constants.ts";
import { until } from "./deadline.ts";
import type { LoginInput, LoginOutcome } from "./login-browser.ts";
import { type Browsers, findTab } from "./open-tab.ts";
import { runSteps, StepStuck } from "./steps.ts";
import { type Visit, visit } from "./visit.ts";

/** Asks the site for another SMS. A definition without the steps for it leaves the browser alone. */
export async function resendCode(
  browsers: Browsers,
  input: LoginInput,
  browserId: string,
): Promise<LoginOutcome> {
  const { definition } = input;
  const steps = definition.login.code?.resend;
  if (!steps) return { kind: "code_asked", browserId, steps: [] };
  const open = () => findTab(browsers, browserId, definition.origins);
  return visit(
    browsers,
    { ...input, label: "connect", open, code: null, onPhase: null },
    async (opened) => {
      opened.tab.assertAllowed();
      const stand = await askAgain(opened, input, steps);
      // What the page says of an earlier code is no answer to this.
      return stand.kind === "code_rejected" ? { kind: "code" } : stand;
    },
  );
}

async function askAgain(
  { tab, timings }: Visit,
  { definition, credentials }: LoginInput,
  steps: NonNullable<NonNullable<LoginInput["definition"]["login"]["code"]>["resend"]>,
): Promise<Stand> {
  const { stepTimeoutMs } = definition;
  const at = Date.now();
  const typed: Typed = { what: "nothing", at, stale: null };
  try {
    await runSteps(tab, { steps, stepTimeoutMs, credentials, code: null, timings });
  } catch (error) {
    if (!(error instanceof StepStuck)) throw error;
    return explainStuck(tab, definition, typed, error.element);
  }
  // The form is there before and after: the site's answer lies between.
  await until(
    LOOK_DEADLINE_MS,
    async () => (tab.traffic.answeredSince(at) && !tab.traffic.waits) || null,
  );
  return classify(tab, definition, typed);
}
