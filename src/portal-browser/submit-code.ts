import type { PortalDefinition } from "../portals/schemas.ts";
import { classify, explainStuck, type Stand, type Typed } from "./classify.ts";
import { LOOK_DEADLINE_MS } from "./constants.ts";
import { until } from "./deadline.ts";
import type { LoginInput, LoginOutcome, OnPhase } from "./login-browser.ts";
import { type Browsers, findTab } from "./open-tab.ts";
import { type Sight, see } from "./see.ts";
import { runSteps, StepStuck, timed } from "./steps.ts";
import type { Tab } from "./tab.ts";
import { type Visit, visit } from "./visit.ts";

/** Types a code into the form that is open in a browser. */
export async function submitCode(
  browsers: Browsers,
  input: LoginInput,
  browserId: string,
  code: string,
  onPhase: OnPhase,
): Promise<LoginOutcome> {
  const { definition } = input;
  const open = () => findTab(browsers, browserId, definition.origins);
  return visit(browsers, { ...input, label: "connect", open, code, onPhase }, async (opened) => {
    opened.tab.assertAllowed();
    const sight = await findForm(opened.tab, definition);
    if (sight?.kind === "in") return { kind: "in" };
    const isAsked = sight?.kind === "code" || (sight?.kind === "refused" && sight.codeAsked);
    if (isAsked) return enterCode(opened, input, code, sight);
    if (sight?.kind === "refused") return { kind: "failed", reason: sight.reason };
    // The form that was left open is gone, with the challenge it belonged to.
    return { kind: "failed", reason: "interrupted" };
  });
}

async function enterCode(
  { tab, timings, phase }: Visit,
  { definition, credentials }: LoginInput,
  code: string,
  sight: Sight,
): Promise<Stand> {
  const { login, stepTimeoutMs } = definition;
  await phase("code");
  const stale = sight.kind === "refused" ? sight.reason : null;
  const typed: Typed = { what: "code", at: Date.now(), stale };
  try {
    await runSteps(tab, {
      steps: login.code?.steps ?? [],
      stepTimeoutMs,
      credentials,
      code,
      timings,
      async before(step) {
        if (step.do === "fill" || step.do === "click") typed.at = Date.now();
      },
    });
  } catch (error) {
    if (!(error instanceof StepStuck)) throw error;
    return explainStuck(tab, definition, typed, error.element);
  }
  return timed(timings, "classify", classify(tab, definition, typed));
}

async function findForm(tab: Tab, definition: PortalDefinition): Promise<Sight | null> {
  return until(LOOK_DEADLINE_MS, async () => {
    const sight = await see(tab, definition);
    return sight?.kind === "nothing" || sight?.kind === "form" ? null : sight;
  });
}
