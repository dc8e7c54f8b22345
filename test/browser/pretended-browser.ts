import type {
  LoginBrowser,
  LoginOutcome,
  OnPhase,
  Phase,
} from "../../src/portal-browser/login-browser.ts";
import type { Reason } from "../../src/session-pairs/reasons.ts";
import type { PretendedSite } from "./pretended-site.ts";

/** Browsers that log in to the pretended site without a page. */
export class PretendedBrowser {
  readonly open = new Set<string>();
  readonly begun: string[] = [];
  readonly devices: (string | null)[] = [];
  resends = 0;
  asksForCode = true;
  /** What the next login comes to, instead of a code's form. */
  nextFailure: Reason | null = null;
  /** All that follow come to the same. */
  keepsFailing = false;
  /** Stops dead in this phase, as a Worker that is stopped does. */
  hangIn: Phase | null = null;
  /** The site sends its SMS now. */
  sendSms: (code: string) => Promise<void> = async () => {};
  /** Code that the site takes; counted up with each SMS. */
  code = 100_000;
  readonly #site: PretendedSite;
  readonly #now: () => number;

  constructor(site: PretendedSite, now: () => number) {
    this.#site = site;
    this.#now = now;
  }

  readonly part: LoginBrowser = {
    begin: async ({ device }, onPhase) => {
      const browserId = `browser-${this.begun.length + 1}`;
      this.begun.push(browserId);
      this.devices.push(device?.cookies[0]?.value ?? null);
      this.open.add(browserId);
      await this.#enter("opened", browserId, onPhase);
      if (this.nextFailure === "browser_unavailable") return this.#fail(browserId);
      await this.#enter("credentials", browserId, onPhase);
      if (this.nextFailure) return this.#fail(browserId);
      if (!this.asksForCode) return this.#enterSite(browserId, onPhase);
      await this.#send();
      return { kind: "code_asked", browserId, steps: [] };
    },
    submitCode: async (_, browserId, code, onPhase) => {
      await this.#enter("code", browserId, onPhase);
      if (!this.open.has(browserId)) return died();
      if (code !== String(this.code)) return { kind: "code_rejected", browserId, steps: [] };
      return this.#enterSite(browserId, onPhase);
    },
    resend: async (_, browserId) => {
      this.resends += 1;
      await this.#send();
      return { kind: "code_asked", browserId, steps: [] };
    },
    look: async (_, browserId) => {
      if (!this.open.has(browserId)) return died();
      return this.looks === "in" ? this.#in(browserId) : this.looksLike(browserId);
    },
    discard: async (browserId) => {
      this.open.delete(browserId);
    },
    takeBrowserMs: () => 5_000,
  };

  looks: "in" | "code_asked" | "form" = "code_asked";

  looksLike(browserId: string): LoginOutcome {
    if (this.looks === "code_asked") return { kind: "code_asked", browserId, steps: [] };
    return { ...died(), reason: "not_logged_in" };
  }

  async #send(): Promise<void> {
    this.code += 1;
    await this.sendSms(String(this.code));
  }

  async #enterSite(browserId: string, onPhase: OnPhase): Promise<LoginOutcome> {
    await this.#enter("verifying", browserId, onPhase);
    return this.#in(browserId);
  }

  #in(browserId: string): LoginOutcome {
    this.open.delete(browserId);
    return { kind: "in", snapshot: this.#site.logIn(this.#now()), steps: [] };
  }

  async #enter(phase: Phase, browserId: string, onPhase: OnPhase): Promise<void> {
    try {
      await onPhase(phase, browserId);
    } catch (error) {
      this.open.delete(browserId);
      throw error;
    }
    if (this.hangIn === phase) await new Promise(() => {});
  }

  #fail(browserId: string): LoginOutcome {
    this.open.delete(browserId);
    const reason = this.nextFailure ?? "browser_died";
    if (!this.keepsFailing) this.nextFailure = null;
    const screenshot = new Uint8Array([0xff, 0xd8, 1, 2]);
    const steps = [{ step: "1 goto", ms: 12, ok: true }];
    return { kind: "failed", reason, url: "http://site.test/login", screenshot, steps };
  }
}

const died = (): Extract<LoginOutcome, { kind: "failed" }> => ({
  kind: "failed",
  reason: "browser_died",
  url: "",
  screenshot: null,
  steps: [],
});
