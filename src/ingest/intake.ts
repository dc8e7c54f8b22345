import type { BatonError } from "../errors.ts";
import type { SourcePreset } from "../source-preset.ts";
import type { Call } from "./call.ts";
import { GENERIC } from "./generic-intake.ts";
import { PHONE } from "./phone-intake.ts";
import type { ReceivedBody } from "./receive-body.ts";
import { SENS_V1 } from "./sens-v1-intake.ts";
import { SLACK } from "./slack-intake.ts";
import type { StoredOnce } from "./store-once.ts";

/** How a preset reads its callers, and how it speaks to them. */
export type Intake = {
  /** Cuts the credential out of a path; null when there is none. It is a secret whether or not it is a sender's key. */
  cutKey?: (path: string) => { key: string; path: string } | null;
  /** Nobody may send while the source has no verification. */
  needsVerification?: true;
  /** Answers what this preset has no use for, before the body is read; null: go on. */
  refuseHead?: (call: Call) => BatonError | null;
  /** What is wrong with a body; null: it is stored. `inline` is null above 256 KiB. */
  refuseBody?: (body: ReceivedBody, contentType: string | null, call: Call) => BatonError | null;
  /** Answers what is stored, unless the source has an answer of its own. */
  answer: (stored: StoredOnce) => Response;
  /** Answers what is refused; `extra` is for the problem document. */
  refuse: (error: BatonError, extra?: Record<string, unknown>) => Response;
};

/** Every preset's intake; a new one does not compile until it is here. */
export const INTAKES = {
  generic: GENERIC,
  phone: PHONE,
  slack: SLACK,
  sens_v1: SENS_V1,
  // What comes to its own host is an event like any other; the KakaoTalk channel itself calls `/kakao/webhook`.
  kakao: GENERIC,
  // The same: what chat itself tells is stored as an event without a call.
  chat: GENERIC,
} satisfies Record<SourcePreset, Intake>;

export function intakeOf(preset: SourcePreset): Intake {
  return INTAKES[preset];
}
