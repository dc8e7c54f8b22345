import type { z } from "zod";
import type { PortalDefinition } from "../definition.ts";

/** The partner centre that `npm start -- --with-portal` runs on this machine. */
export const SIMULATED = {
  origins: ["{base}"],
  login: {
    steps: [
      { do: "goto", url: "/login" },
      { do: "fill", selector: "#username", value: "{username}" },
      { do: "fill", selector: "#password", value: "{password}" },
      { do: "click", selector: "#login-button" },
    ],
    code: {
      asked: { selector: "#code-form" },
      steps: [
        { do: "fill", selector: "#code", value: "{code}" },
        { do: "click", selector: "#code-button" },
      ],
      resend: [{ do: "click", selector: "#resend-button" }],
    },
    success: { selector: "#partner-list" },
    form: { selector: "#login-form" },
    refusals: [
      { when: { selector: "#locked" }, reason: "account_locked" },
      { when: { selector: "#captcha" }, reason: "captcha" },
      { when: { selector: "#code-refused" }, reason: "code_rejected" },
      { when: { selector: "#refusal" }, reason: "login_refused" },
      { when: { selector: "#busy" }, reason: "site_busy" },
      {
        when: { selector: "#login-form", text: "아이디 또는 비밀번호가 올바르지 않습니다" },
        reason: "wrong_password",
      },
    ],
  },
  health: { url: "/api/me" },
  verdicts: {
    in: [{ status: [200], bodyContains: '"loggedIn":true' }],
    out: [{ status: [401] }, { url: "/login*" }, { bodyContains: 'id="login-form"' }],
  },
  logout: { method: "POST", url: "/logout", headers: { "center-id": "{value.centerId}" } },
  values: { centerId: { from: "cookie", name: "center_id" } },
  sms: { senders: ["15440000"], pattern: "인증번호 \\[(\\d{6})\\]" },
  session: { deviceCookies: ["PORTAL_DEVICE"] },
} as const satisfies z.input<typeof PortalDefinition>;
