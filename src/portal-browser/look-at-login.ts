import { decide, type Stand } from "./classify.ts";
import { LOOK_DEADLINE_MS, STEADY_MS } from "./constants.ts";
import { until } from "./deadline.ts";
import type { LoginInput, LoginOutcome } from "./login-browser.ts";
import { type Browsers, findTab } from "./open-tab.ts";
import { see } from "./see.ts";
import type { Tab } from "./tab.ts";
import { visit } from "./visit.ts";

/** Says where a login stands whose Worker was stopped: in, at the code's form, refused, or `interrupted`. */
export async function lookAtLogin(
  browsers: Browsers,
  input: LoginInput,
  browserId: string,
): Promise<LoginOutcome> {
  const open = () => findTab(browsers, browserId, input.definition.origins);
  return visit(
    browsers,
    { ...input, label: "connect", open, code: null, onPhase: null },
    async ({ tab }) => {
      tab.assertAllowed();
      return (await steadyStand(tab, input)) ?? { kind: "failed", reason: "interrupted" };
    },
  );
}

/** What was typed may still be under way: what is shown must stay for a moment, unless it is success. */
async function steadyStand(tab: Tab, { definition }: LoginInput): Promise<Stand | null> {
  const typed = { what: "nothing", at: 0, stale: null } as const;
  let shown = "";
  let since = 0;
  return until(LOOK_DEADLINE_MS, async () => {
    const sight = await see(tab, definition);
    const stand = sight && decide(tab, sight, typed);
    if (stand?.kind === "in") return stand;
    const now = JSON.stringify(stand);
    if (now !== shown) {
      shown = now;
      since = Date.now();
    }
    return stand && Date.now() - since >= STEADY_MS ? stand : null;
  });
}
