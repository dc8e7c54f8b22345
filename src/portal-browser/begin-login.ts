import type { Step } from "../portals/schemas.ts";
import { classify, explainStuck, type Stand, type Typed } from "./classify.ts";
import type { LoginInput, LoginOutcome, OnPhase } from "./login-browser.ts";
import { type Browsers, launchTab } from "./open-tab.ts";
import { restoreDevice } from "./restore-session.ts";
import { runSteps, StepStuck, timed } from "./steps.ts";
import { type Visit, visit } from "./visit.ts";

/** From a new browser until the site asks for a code, lets in, or refuses. */
export async function beginLogin(
  browsers: Browsers,
  input: LoginInput,
  onPhase: OnPhase,
): Promise<LoginOutcome> {
  const { definition } = input;
  const open = () => launchTab(browsers, definition.origins);
  return visit(
    browsers,
    { ...input, label: "launch", open, code: null, onPhase },
    async (opened) => {
      await opened.phase("opened");
      await restoreDevice(opened.tab, definition, input.device);
      return enterCredentials(opened, input);
    },
  );
}

async function enterCredentials(
  { tab, timings, phase }: Visit,
  { definition, credentials }: LoginInput,
): Promise<Stand> {
  const { login, stepTimeoutMs } = definition;
  const typed: Typed = { what: "nothing", at: Date.now(), stale: null };
  const first = credentialStep(login.steps);
  try {
    await runSteps(tab, {
      steps: login.steps,
      stepTimeoutMs,
      credentials,
      code: null,
      timings,
      async before(step, index) {
        if (index === first) {
          await phase("credentials");
          typed.what = "credentials";
        }
        if (step.do === "fill" || step.do === "click") typed.at = Date.now();
      },
    });
  } catch (error) {
    if (!(error instanceof StepStuck)) throw error;
    return explainStuck(tab, definition, typed, error.element);
  }
  return timed(timings, "classify", classify(tab, definition, typed));
}

/** From this step on the site may send a code: the one that types the password, else the first that does anything. */
function credentialStep(steps: readonly Step[]): number {
  const password = steps.findIndex(
    (step) => step.do === "fill" && step.value.includes("{password}"),
  );
  if (password >= 0) return password;
  const first = steps.findIndex((step) => step.do === "fill" || step.do === "click");
  return Math.max(0, first);
}
