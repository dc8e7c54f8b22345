import { log } from "../log.ts";
import { readOrigins } from "../origins.ts";

/** The relay's variables, read and checked. */
export type KakaoSettings = {
  /** Slug of the source behind `/kakao/webhook` and `/v1/sessions/create`; "" for none. */
  defaultSource: string;
  /** Key of `X-Kakao-Signature`; "": nobody signs. */
  signatureSecret: string;
  /** How long a callback URL is used after its message came. */
  callbackTtlMs: number;
  /** How long a message waits for an agent. */
  queueTtlMs: number;
  /** Origins beside Kakao's own that answers may go to. Empty unless the base domain is `localhost`. */
  callbackOrigins: string[];
  /** What a user reads while the agent works; "" for nothing. */
  waitingText: string;
};

/** The variables by name; each may be missing. */
export type KakaoVars = { BASE_DOMAIN?: string } & Partial<Record<KakaoVar, string>>;
type KakaoVar =
  | "DEFAULT_KAKAO_SOURCE"
  | "KAKAO_SIGNATURE_SECRET"
  | "CALLBACK_TTL_SECONDS"
  | "QUEUE_TTL_SECONDS"
  | "KAKAO_CALLBACK_ORIGINS"
  | "KAKAO_WAITING_TEXT";

/** Those that not every text will do for. */
export type CheckedVar =
  | "CALLBACK_TTL_SECONDS"
  | "QUEUE_TTL_SECONDS"
  | "KAKAO_CALLBACK_ORIGINS"
  | "KAKAO_WAITING_TEXT";

/** A variable that cannot be used, and what would do. */
export class BadKakaoVar extends Error {
  readonly variable: CheckedVar;
  /** Its largest number or length; 0 where it has none. */
  readonly max: number;

  constructor(variable: CheckedVar, remedy: string, max = 0) {
    super(`${variable} cannot be used: ${remedy}.`);
    this.name = "BadKakaoVar";
    this.variable = variable;
    this.max = max;
  }
}

/** Kakao takes an answer within 60 s. */
const CALLBACK_TTL_SECONDS = { default: 55, max: 60 };
const QUEUE_TTL_SECONDS = { default: 900, max: 604_800 };
/** Kakao shows 1,000 characters of a text. */
const MAX_WAITING_CHARS = 1_000;

/** Reads and checks the variables. Throws `BadKakaoVar` at the first that cannot be used. */
export function readKakaoSettings(vars: KakaoVars): KakaoSettings {
  const waitingText = (vars.KAKAO_WAITING_TEXT ?? "").trim();
  if (waitingText.length > MAX_WAITING_CHARS) {
    throw new BadKakaoVar(
      "KAKAO_WAITING_TEXT",
      `give ${MAX_WAITING_CHARS} characters at most`,
      MAX_WAITING_CHARS,
    );
  }
  return {
    defaultSource: (vars.DEFAULT_KAKAO_SOURCE ?? "").trim().toLowerCase(),
    signatureSecret: vars.KAKAO_SIGNATURE_SECRET ?? "",
    callbackTtlMs: readSeconds(vars, "CALLBACK_TTL_SECONDS", CALLBACK_TTL_SECONDS) * 1000,
    queueTtlMs: readSeconds(vars, "QUEUE_TTL_SECONDS", QUEUE_TTL_SECONDS) * 1000,
    callbackOrigins: readCallbackOrigins(vars),
    waitingText,
  };
}

/** The settings of a Worker; null when a variable cannot be used: its name is in the log. */
export function kakaoSettingsOrNull(vars: KakaoVars): KakaoSettings | null {
  try {
    return readKakaoSettings(vars);
  } catch (error) {
    if (!(error instanceof BadKakaoVar)) throw error;
    log.error("bad_variable", { variable: error.variable, error: error.message });
    return null;
  }
}

function readSeconds(
  vars: KakaoVars,
  name: "CALLBACK_TTL_SECONDS" | "QUEUE_TTL_SECONDS",
  limits: { default: number; max: number },
): number {
  const text = (vars[name] ?? "").trim();
  if (text === "") return limits.default;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= limits.max) return value;
  throw new BadKakaoVar(
    name,
    `give a whole number of seconds from 1 to ${limits.max}, e.g. ${limits.default}`,
    limits.max,
  );
}

function readCallbackOrigins(vars: KakaoVars): string[] {
  const origins = readOrigins(vars.KAKAO_CALLBACK_ORIGINS ?? "");
  if (!origins) {
    throw new BadKakaoVar(
      "KAKAO_CALLBACK_ORIGINS",
      "give origins without a path, separated by commas, e.g. http://127.0.0.1:18443",
    );
  }
  // Anywhere else an answer would go to whoever the callback URL names.
  return vars.BASE_DOMAIN === "localhost" ? origins : [];
}
