import { env as anyEnv } from "cloudflare:workers";
import { inject } from "vitest";
import type { LoginInput, Phase } from "../../src/portal-browser/index.ts";
import { PortalDefinition } from "../../src/portals/definition.ts";
import type { Credentials } from "../../src/portals/schemas.ts";

export const env = anyEnv as unknown as BrowserEnv;
export const { origin: SITE, other: OTHER } = inject("loginPages");
export const PASSWORD = "canary-pässword 1";

export const CREDENTIALS: Credentials = {
  username: "partner@example.com",
  password: PASSWORD,
  phone: "010-1234-5678",
};

/** How to log in to one of the pages of test/support/login-pages.ts; `login` is put into the usual one. */
export function loginInput(
  mode: string,
  { login, ...rest }: Record<string, unknown> & { login?: object } = {},
): LoginInput {
  const page = (name: string) => `${SITE}/${mode}/${name}`;
  const definition = PortalDefinition.parse({
    origins: [SITE],
    login: {
      steps: [
        { do: "goto", url: page("login") },
        { do: "fill", selector: "#username", value: "{username}" },
        { do: "fill", selector: "#password", value: "{password}" },
        { do: "click", selector: "#submit" },
      ],
      code: {
        asked: { selector: "#code" },
        steps: [
          { do: "fill", selector: "#code", value: "{code}" },
          { do: "click", selector: "#confirm" },
        ],
        resend: [{ do: "click", selector: "#again" }],
      },
      success: { selector: "#home" },
      form: { selector: "#password" },
      refusals: [
        { when: { selector: ".error", text: "locked" }, reason: "account_locked" },
        { when: { text: "Wrong password" }, reason: "wrong_password" },
        { when: { text: "비밀번호가 틀렸습니다" }, reason: "wrong_password" },
        { when: { selector: "#captcha" }, reason: "captcha" },
        { when: { selector: ".error", text: "code is wrong" }, reason: "code_rejected" },
        { when: { selector: ".error" }, reason: "login_refused" },
      ],
      ...login,
    },
    health: { url: page("who") },
    verdicts: { in: [{ status: [200] }], out: [{ status: [401] }] },
    session: { deviceCookies: ["device"] },
    stepTimeoutMs: 2_000,
    ...rest,
  });
  return { definition, credentials: CREDENTIALS, device: null };
}

/** Notes what a login asks before it goes on. */
export function phases() {
  const seen: Phase[] = [];
  let browserId = "";
  return {
    seen,
    id: () => browserId,
    on: async (phase: Phase, id: string) => {
      seen.push(phase);
      browserId = id;
    },
  };
}

export async function hits(): Promise<string[]> {
  return (await fetch(`${SITE}/__hits`)).json();
}

/** SIGKILL to a browser; gives how many processes that were. */
export async function killBrowser(id: string): Promise<number> {
  return Number(await (await fetch(`${SITE}/__kill?id=${id}`)).text());
}
