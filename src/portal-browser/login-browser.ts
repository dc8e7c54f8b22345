import type { Credentials, PortalDefinition } from "../portals/schemas.ts";
import type { Reason, Snapshot, StepTiming } from "../session-pairs/index.ts";

/** What a login needs. The definition is resolved: no `{base}` is left in it. */
export type LoginInput = {
  definition: PortalDefinition;
  credentials: Credentials;
  /** What the slot kept of its last session, for its device cookies and nothing else; null: a fresh start. */
  device: Snapshot | null;
};

/**
 * Told before the action that it allows; a throw stops the login and discards the browser. `opened`: a browser runs;
 * `credentials`: the password is about to be typed (a code may be sent from here on); `code`: a code is about to be
 * typed; `verifying`: the site has taken everything.
 */
export type Phase = "opened" | "credentials" | "code" | "verifying";
export type OnPhase = (phase: Phase, browserId: string) => Promise<void>;

export type LoginOutcome =
  | { kind: "in"; snapshot: Snapshot; steps: StepTiming[] }
  /** The form for the code is open; the browser was let go, and lives for `keep_alive`. */
  | { kind: "code_asked"; browserId: string; steps: StepTiming[] }
  | { kind: "code_rejected"; browserId: string; steps: StepTiming[] }
  | {
      kind: "failed";
      reason: Reason;
      /** Without its query. */
      url: string;
      /** JPEG, every input masked. */
      screenshot: Uint8Array<ArrayBuffer> | null;
      steps: StepTiming[];
    };

/** A real browser that logs in. What goes wrong outside is an outcome; it throws only what `onPhase` throws. */
export type LoginBrowser = {
  /** From a new browser until the site asks for a code, lets in, or refuses. */
  begin(input: LoginInput, onPhase: OnPhase): Promise<LoginOutcome>;
  /** Types a code into the form that is open in a browser. */
  submitCode(
    input: LoginInput,
    browserId: string,
    code: string,
    onPhase: OnPhase,
  ): Promise<LoginOutcome>;
  /** Asks the site for another SMS. `code_asked` again, or a failure. */
  resend(input: LoginInput, browserId: string): Promise<LoginOutcome>;
  /** Says where a login stands whose Worker was stopped. */
  look(input: LoginInput, browserId: string): Promise<LoginOutcome>;
  /** Closes a browser; one that is gone is no error. */
  discard(browserId: string): Promise<void>;
  /** Milliseconds that browsers were open through this object since it was last asked. */
  takeBrowserMs(): number;
};
