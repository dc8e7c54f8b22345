import type { z } from "zod";
import type { PortalDefinition } from "../definition.ts";

/**
 * A template for a delivery company's partner centre: user name and password, a code by SMS, a list of partners behind
 * it, and a logout that names the centre. No site is promised to look like this one: whoever operates the account
 * copies it, and puts in the paths, selectors and words of theirs (docs/portal-definitions.md).
 */
export const DELIVERY_PARTNER_CENTER = {
  origins: ["{base}"],
  login: {
    steps: [
      { do: "goto", url: "/login" },
      { do: "waitForSelector", selector: "input[type=password]" },
      { do: "fill", selector: "input[autocomplete=username]", value: "{username}" },
      { do: "fill", selector: "input[type=password]", value: "{password}" },
      { do: "click", selector: "form[action*=login] button[type=submit]" },
    ],
    code: {
      asked: { selector: "input[autocomplete=one-time-code]" },
      steps: [
        { do: "fill", selector: "input[autocomplete=one-time-code]", value: "{code}" },
        { do: "click", selector: "form[action*=code] button[type=submit]" },
      ],
      resend: [{ do: "click", selector: "form[action*=resend] button[type=submit]" }],
    },
    success: { url: "/partners*" },
    form: { selector: "input[type=password]" },
    refusals: [
      { when: { text: "계정이 잠겼습니다" }, reason: "account_locked" },
      { when: { text: "자동입력 방지" }, reason: "captcha" },
      { when: { text: "세 번 잘못 입력" }, reason: "code_rejected" },
      { when: { text: "잠시 후 다시 시도" }, reason: "site_busy" },
      { when: { text: "비밀번호가 올바르지 않습니다" }, reason: "wrong_password" },
    ],
  },
  // The list is what the session is for: who gets it is logged in.
  health: { url: "/api/partners?page=1&size=1", headers: { accept: "application/json" } },
  verdicts: {
    in: [{ status: [200], bodyContains: '"partners"' }],
    out: [{ status: [401] }, { url: "/login*" }, { bodyContains: "LOGIN_REQUIRED" }],
  },
  logout: { method: "POST", url: "/logout", headers: { "center-id": "{value.centerId}" } },
  values: {
    centerId: { from: "element", selector: "meta[name=center-id]", attribute: "content" },
  },
  headers: { "center-id": "{value.centerId}" },
} as const satisfies z.input<typeof PortalDefinition>;
