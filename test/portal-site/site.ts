import { randomInt } from "node:crypto";
import { ACCOUNT, CODE_DIGITS, MAX_RECORD } from "./constants.ts";
import { Settings, type SettingsPatch, withPatch } from "./settings.ts";

export type Account = {
  username: string;
  password: string;
  phone: string;
  wrongPasswords: number;
  locked: boolean;
  /** Times of right passwords. */
  entries: number[];
};

export type Code = { code: string; sentAt: number; void: boolean };

/** One browser's way from the form to the partner list. */
export type Login = {
  id: string;
  csrf: string;
  openedAt: number;
  /** Since its password was right. */
  account: Account | null;
  enteredAt: number | null;
  codes: Code[];
  wrongCodes: number;
  ended: boolean;
  /** Another login of the account or its phone has begun. */
  overtaken: boolean;
};

export type Session = {
  id: string;
  account: Account;
  centerId: string;
  openedAt: number;
  seenAt: number;
  rotatedAt: number;
};

export type Order = { key: string | null; effects: number };

/** What a phone has received, or will. */
export type PhoneSms = { phone: string; sender: string; text: string; code: string; dueAt: number };

/** What the site itself has seen. `reused`: a code that was typed before, right or wrong, in whatever login. */
const COUNTS = {
  requests: 0,
  unauthorised: 0,
  loginPages: 0,
  passwordsRight: 0,
  passwordsWrong: 0,
  logins: 0,
  lockouts: 0,
  loginsBesideAnother: 0,
  overlappingLogins: 0,
  codesSent: 0,
  codesUsed: 0,
  codesWrong: 0,
  codesReused: 0,
  codesExpired: 0,
  resends: 0,
  resendsRefused: 0,
  smsArrived: 0,
  smsLost: 0,
  smsRefused: 0,
  logouts: 0,
  expired: 0,
  displaced: 0,
  partnerLists: 0,
  effects: 0,
  replays: 0,
  doubledUnkeyed: 0,
};
export type Counts = typeof COUNTS;
export type Happening = {
  at: number;
  what: string;
  username?: string;
  login?: string;
  of?: string;
  /** Its last two digits, e.g. `••••61`. */
  code?: string;
};

export type NewAccount = { username: string; password: string; phone: string };

export type SiteOptions = {
  port?: number;
  accounts?: NewAccount[];
  settings?: SettingsPatch;
  /** ms UTC. */
  now?: () => number;
  /** From 0 to 1, below it; for codes that are the same with each run. */
  random?: () => number;
  onHappening?: (happening: Happening) => void;
};

export type Site = ReturnType<typeof openSite>;

/** The site's memory; nothing of it is on a disk. */
export function openSite({
  accounts = [ACCOUNT],
  settings = {},
  now,
  random,
  onHappening,
}: SiteOptions) {
  const running = now ?? Date.now;
  const typed = new Set<string>();
  const drawn = new Set<string>();
  let ids = 0;
  const site = {
    settings: withPatch(Settings.parse({}), settings),
    /** ms UTC; null: the clock runs. */
    stoppedAt: null as number | null,
    now: (): number => site.stoppedAt ?? running(),
    accounts: new Map<string, Account>(
      accounts.map((account) => [
        account.username,
        { ...account, wrongPasswords: 0, locked: false, entries: [] },
      ]),
    ),
    logins: new Map<string, Login>(),
    /** By each value of the cookie that is still taken. */
    sessions: new Map<string, Session>(),
    /** Username by device cookie. */
    devices: new Map<string, string>(),
    orders: new Map<string, Order>(),
    /** SMS under way. */
    underway: [] as PhoneSms[],
    /** SMS of a site that no Baton stands beside. */
    arrived: [] as PhoneSms[],
    lastSms: new Map<string, PhoneSms>(),
    record: [] as Happening[],
    counts: { ...COUNTS },
    codes: drawn,

    draw(below: number): number {
      return random ? Math.floor(random() * below) : randomInt(below);
    },
    newId(prefix: string): string {
      ids += 1;
      const tail = Array.from({ length: 4 }, () =>
        site.draw(0x10000).toString(16).padStart(4, "0"),
      );
      return `${prefix}${ids.toString(36)}-${tail.join("")}`;
    },
    /** Never drawn before, so that a code that is typed twice is no accident. */
    newCode(): string {
      for (;;) {
        const code = String(site.draw(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, "0");
        if (drawn.has(code)) continue;
        drawn.add(code);
        return code;
      }
    },
    /** False: it was typed before. */
    firstTyped(code: string): boolean {
      const isFirst = !typed.has(code);
      typed.add(code);
      return isFirst;
    },
    note(what: string, more: Omit<Happening, "at" | "what"> = {}): void {
      const happening = { at: site.now(), what, ...more };
      if (site.record.length < MAX_RECORD) site.record.push(happening);
      onHappening?.(happening);
    },
  };
  return site;
}
