import { describe, expect, it } from "vitest";
import { judgePortal } from "../../../src/portals/judge-portal.ts";
import type { Hold, Reason, SlotStatus } from "../../../src/session-pairs/index.ts";

const PORTAL = { id: "prt_1", organizationId: "org_1", name: "Shop" };
const READY: SlotStatus = {
  slot: "A",
  sessionId: "s1",
  state: "ready",
  readyAt: 1,
  lastProbeAt: 1,
  lastVerdict: "in",
};
const hold = (reason: Reason, until: number | null, since = 1_000): Hold => ({
  reason,
  since,
  until,
  evidenceId: null,
});
const failing = { state: "failing" as const, since: 2_000 };

describe("a portal's check", () => {
  it.each<[string, Parameters<typeof judgePortal>[1], typeof failing | undefined, string]>([
    [
      "held until somebody looks",
      { hold: hold("captcha", null), primary: null },
      undefined,
      "failing",
    ],
    [
      "held, with a session left",
      { hold: hold("captcha", null), primary: READY },
      undefined,
      "failing",
    ],
    ["ready", { hold: null, primary: READY }, undefined, "ok"],
    ["ready again", { hold: null, primary: READY }, failing, "ok"],
    ["held for a while", { hold: hold("site_busy", 9_000), primary: null }, undefined, "ok"],
    [
      "held for a while after a fault",
      { hold: hold("site_busy", 9_000), primary: null },
      failing,
      "failing",
    ],
    ["on its way after `resume`", { hold: null, primary: null }, failing, "failing"],
    ["on its way for the first time", { hold: null, primary: null }, undefined, "ok"],
  ])("%s: %#", (_, status, before, state) => {
    expect(judgePortal(PORTAL, status, before)).toMatchObject({
      name: "portal:prt_1",
      organizationId: "org_1",
      state,
      link: "/dashboard#prt_1",
      leftAt: null,
    });
  });

  it("says why in words, with the reason's name", () => {
    const { summary } = judgePortal(
      PORTAL,
      { hold: hold("wrong_password", null), primary: null },
      undefined,
    );
    expect(summary).toMatch(/Shop.*prt_1.*refused the user name or the password.*wrong_password/);
  });

  it("tells another hold than the one that was told", () => {
    const later = { hold: hold("captcha", null, 3_000), primary: null };
    expect(judgePortal(PORTAL, later, failing).leftAt).toBe(3_000);
  });
});
