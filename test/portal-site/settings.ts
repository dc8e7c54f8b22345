import { z } from "zod";
import { strict } from "../../src/strict.ts";
import { SMS_SENDER } from "./constants.ts";

/** What answers instead of the site: an error, `hang` (no answer), or `reset` (a cut connection). */
const Trouble = z.enum(["500", "502", "503", "429", "hang", "reset"]).nullable();
const Ms = z.number().int().min(0);

/** How one SMS travels. */
const Travel = strict({
  delayMs: Ms.default(0),
  lost: z.boolean().default(false),
  /** How often it arrives. */
  copies: z.number().int().min(1).max(10).default(1),
  /** Between two copies. */
  copyDelayMs: Ms.default(0),
  /** The SMS before this one arrives once more, just ahead of it. */
  oldFirst: z.boolean().default(false),
});
export type Travel = z.infer<typeof Travel>;

const Login = strict({
  /** False: the password is enough. */
  code: z.boolean().default(true),
  /** `changed`: other ids and field names. */
  form: z.enum(["usual", "changed"]).default("usual"),
  captcha: z.boolean().default(false),
  /** A notice lies over the partner list. */
  popup: z.boolean().default(false),
  /** Words by which a right password is refused. */
  refusal: z.string().min(1).nullable().default(null),
  /** Where a right password leads to: another origin. */
  leadsTo: z.string().min(1).nullable().default(null),
  /** A device that logged in once is asked for no code. */
  trustDevices: z.boolean().default(false),
  /** So many wrong passwords lock the account. */
  lockAfter: z.number().int().min(1).default(5),
  /** More right passwords than these lock the account too: it looks attacked. */
  lockOverPerHour: z.number().int().min(1).nullable().default(null),
  lockOverPerDay: z.number().int().min(1).nullable().default(null),
  /** An SMS that is sent again makes the former code void. */
  resendVoids: z.boolean().default(true),
});

const Session = strict({
  /** After the login. */
  lifeSeconds: z.number().min(0).nullable().default(null),
  /** After the last request. */
  idleSeconds: z.number().min(0).nullable().default(null),
  onePerAccount: z.boolean().default(false),
  /** The cookie tells when it ends; else it is a session cookie. */
  cookieExpires: z.boolean().default(false),
  /** The cookie gets another value so often. */
  rotateSeconds: z.number().min(1).nullable().default(null),
  /** What a request without a session gets: `401` (JSON), `redirect` to the form, or the form itself (200). */
  outAs: z.enum(["401", "redirect", "form"]).default("401"),
});

const SmsSettings = strict({
  /** Baton's app, e.g. `http://127.0.0.1:8787`. Null: what arrives is kept in `arrived`. */
  app: z.string().min(1).nullable().default(null),
  /** Sender's key for `/webhook/sms/<key>` by phone. */
  keys: z.record(z.string(), z.string()).default({}),
  /**
   * `bare`: `{"message":"024561"}`; `labelled`: JSON with number and sentence; `macrodroid`: the same with a raw line
   * break in it; `form`; `plain`: the sentence only.
   */
  body: z.enum(["bare", "labelled", "macrodroid", "form", "plain"]).default("bare"),
  sender: z.string().min(3).default(SMS_SENDER),
  /** How each SMS travels … */
  travel: Travel.prefault({}),
  /** … but the next ones so, one entry each. */
  next: z.array(Travel).default([]),
  /** As some forwarders, it tries again when Baton cannot be reached or answers 5xx. */
  tries: z.number().int().min(1).max(20).default(1),
  retryMs: Ms.default(1_000),
});

const Troubles = strict({
  /** Everything about logging in. */
  login: Trouble.default(null),
  /** Everything behind the login. */
  api: Trouble.default(null),
  /** Of 429 and 503. */
  retryAfterSeconds: z.number().int().min(1).default(30),
});

const Orders = strict({
  /** The order is accepted, and yet the answer says that nobody is logged in. */
  effectThenOut: z.boolean().default(false),
});

export const Settings = strict({
  login: Login.prefault({}),
  session: Session.prefault({}),
  sms: SmsSettings.prefault({}),
  trouble: Troubles.prefault({}),
  orders: Orders.prefault({}),
});
export type Settings = z.infer<typeof Settings>;

/** What may be set while the site runs: each group in part, and its clock. */
export const Patch = strict({
  login: z.record(z.string(), z.unknown()).optional(),
  session: z.record(z.string(), z.unknown()).optional(),
  sms: z.record(z.string(), z.unknown()).optional(),
  trouble: z.record(z.string(), z.unknown()).optional(),
  orders: z.record(z.string(), z.unknown()).optional(),
  /** ms UTC: the clock stands there until it is set again. Null: it runs. */
  now: z.number().int().nullable().optional(),
});
type Given = z.input<typeof Settings>;
export type SettingsPatch = { [Group in keyof Given]?: Partial<Given[Group]> };

/** The settings with a patch on them. Throws a ZodError for what they do not know. */
export function withPatch(settings: Settings, patch: SettingsPatch): Settings {
  const names = (Object.keys(patch) as (keyof Settings)[]).filter((name) => patch[name]);
  // Groups that stay are not read again: thousands of SMS may be planned in one.
  const changed = names.map((name) => {
    const group = Settings.shape[name];
    return [name, group?.parse({ ...settings[name], ...patch[name] })];
  });
  return { ...settings, ...Object.fromEntries(changed) };
}
