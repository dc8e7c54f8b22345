import { expect } from "vitest";
import { SIMULATED } from "../../src/portals/shipped/simulated.ts";
import { type PortalSite, type SettingsPatch, startPortalSite } from "../portal-site/index.ts";
import type { TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call } from "./support.ts";

type Slot = {
  slot: "A" | "B";
  sessionId: string;
  state: string;
  readyAt: string | null;
  lastProbeAt: string | null;
  lastVerdict: string | null;
};
export type PairStatus = {
  running: boolean;
  epoch: number;
  primary: Slot | null;
  backup: Slot | null;
  hold: { reason: string; text: string; evidenceId: string | null; until: string | null } | null;
  mode: string;
  budget: { hour: number; day: number };
};
export type AuditEntry = {
  id: number;
  at: string;
  what: string;
  slot: "A" | "B" | null;
  fields: Record<string, string | number | null>;
};
export type Metrics = {
  logins: Record<string, number>;
  claims: number;
  claimConflicts: number;
  failovers: number;
  requests: number;
  requestsFailedByAuth: number;
  browserSecondsToday: number;
};
export type PortalAnswer = {
  status: number;
  headers: [string, string][];
  body?: string;
  servedBy: { slot: "A" | "B"; epoch: number };
};
export type Account = {
  username: string;
  password: string;
  phone: string;
  extra?: Record<string, string>;
};

/** More logins than an account should make in an hour: these tests make them all at once. */
const BUDGET = { perHour: 10, perDay: 20 };
const LOGIN_DEADLINE_MS = 60_000;
const BACKUP_DEADLINE_MS = 90_000;

/** The shipped definition with something changed, by a name of its own. */
export async function putDefinition(
  session: TestSession,
  name: string,
  change: Record<string, unknown> = {},
): Promise<string> {
  const definition = { ...SIMULATED, budget: BUDGET, ...change };
  await call(session, 200, "PUT", `/portal-definitions/${name}`, definition);
  return name;
}

let phones = 0;
/** An account whose phone nobody else has. */
export function newAccount(name: string): Account {
  phones += 1;
  const phone = `010-5555-${String(1000 + phones)}`;
  return { username: `user-${name}`, password: `password-of-${name}`, phone };
}

/** A site of its own for some accounts. Its phones forward to the session, each with its own sender's key. */
export async function openSite(
  session: TestSession,
  accounts: Account[],
  settings: SettingsPatch = {},
): Promise<PortalSite> {
  const keys = await Promise.all(accounts.map(({ phone }) => makePhone(session, phone)));
  const sms = {
    app: `http://127.0.0.1:${session.env.BATON_PORT}`,
    keys: Object.fromEntries(accounts.map(({ phone }, i) => [phone, keys[i] ?? ""])),
    tries: 20,
    ...settings.sms,
  };
  return startPortalSite({ accounts, settings: { ...settings, sms } });
}

/** A phone that forwards to the source of the demo. Gives its key. */
export async function makePhone(session: TestSession, phone: string): Promise<string> {
  type Source = { id: string; slug: string };
  const { data } = await call<{ data: Source[] }>(session, 200, "GET", "/sources?limit=100");
  const source = data.find(({ slug }) => slug === "phone");
  const made = await call<{ key: string }>(session, 201, "POST", `/sources/${source?.id}/senders`, {
    name: `phone ${phone}`,
    phone,
  });
  return made.key;
}

export type PortalWish = {
  name: string;
  definition: string;
  site: Pick<PortalSite, "url">;
  account: Account;
  onDeploy?: "keep" | "logout";
  isDefault?: boolean;
};

/** A portal with its account; it begins to log in. */
export async function makePortal(session: TestSession, wish: PortalWish): Promise<TestPortal> {
  const { name, definition, site, account, onDeploy = "keep", isDefault } = wish;
  const { id } = await call<{ id: string }>(session, 201, "POST", "/portals", {
    name,
    definition,
    baseUrl: site.url,
    enabled: false,
    onDeploy,
    ...(isDefault === undefined ? {} : { isDefault }),
  });
  await call(session, 200, "PUT", `/portals/${id}/credentials`, account);
  await call(session, 200, "PATCH", `/portals/${id}`, { enabled: true });
  return portalAt(session, id);
}

export type TestPortal = ReturnType<typeof portalAt>;

/** A portal's calls, in a session that knows it. */
export function portalAt(session: TestSession, id: string) {
  const path = `/portals/${id}`;
  const get = <T>(what: string) => call<T>(session, 200, "GET", `${path}/session-pair/${what}`);
  const status = () => get<PairStatus>("status");
  let seen: PairStatus | undefined;
  const when = (what: string, is: (status: PairStatus) => boolean, deadlineMs: number) =>
    waitFor(
      async () => {
        seen = await status();
        return is(seen) && seen;
      },
      { what, deadlineMs, everyMs: 250, explain: () => `${JSON.stringify(seen)}` },
    );
  return {
    id,
    status,
    metrics: () => get<Metrics>("metrics"),
    /** Oldest first. */
    audit: async () => (await get<{ data: AuditEntry[] }>("audit?limit=100")).data.toReversed(),
    primaryReady: () =>
      when("a primary", ({ primary }) => primary?.state === "ready", LOGIN_DEADLINE_MS),
    bothReady: () =>
      when(
        "a primary and a backup that were seen alive",
        ({ primary, backup }) => [primary, backup].every(isSeenReady),
        BACKUP_DEADLINE_MS,
      ),
    held: () => when("a hold", ({ hold }) => hold !== null, LOGIN_DEADLINE_MS),
    when,
    /** Sends a request through the pair, and expects an answer of the site. */
    request: (input: Record<string, unknown>) =>
      call<PortalAnswer>(session, 200, "POST", `${path}/request`, { method: "GET", ...input }),
    post: (verb: string, body?: unknown) => call(session, 200, "POST", `${path}/${verb}`, body),
    put: (what: string, body: unknown) => call(session, 200, "PUT", `${path}/${what}`, body),
    patch: (body: unknown) => call(session, 200, "PATCH", path, body),
  };
}

const isSeenReady = (slot: Slot | null) => slot?.state === "ready" && slot.lastVerdict === "in";

/** Asks for the partner list, all of it. Gives who served it. */
export async function partnersThrough(portal: Pick<TestPortal, "request">) {
  const answer = await portal.request({ path: "/api/partners?size=100" });
  const { status, body = "{}", servedBy } = answer;
  const { partners, total } = JSON.parse(body) as { partners?: unknown[]; total?: number };
  expect({ status, partners: partners?.length, total }).toEqual({
    status: 200,
    partners: 58,
    total: 58,
  });
  return servedBy;
}

/** What must hold at the site whatever happens. */
export const SOUND = {
  overlappingLogins: 0,
  codesReused: 0,
  codesWrong: 0,
  lockouts: 0,
  passwordsWrong: 0,
  doubledUnkeyed: 0,
  smsRefused: 0,
} as const;
