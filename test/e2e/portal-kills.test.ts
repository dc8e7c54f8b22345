import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { seededRandom } from "../crash/random.ts";
import type { PortalSite } from "../portal-site/index.ts";
import { browsersOf } from "../support/browsers-of.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  makePortal,
  newAccount,
  openSite,
  partnersThrough,
  portalAt,
  putDefinition,
  SOUND,
  type TestPortal,
} from "./portal-support.ts";

/*
 * Real logins of many accounts at one site, while browsers and once the whole session are killed at random moments. The
 * site is strict: it locks an account that tries too often, and it knows a code that was typed before, and a login that
 * goes on although another one has begun.
 */

const ACCOUNTS = 9;
/** Of these the first two begin, and the session dies under them. */
const FIRST = 2;
const BROWSER_KILLS = 4;
const MIN_LOGINS = 20;
/** A session's kill comes so long after the first login page at the latest (ms). */
const KILL_WITHIN_MS = 1_200;
/** A browser lives about so long. */
const BROWSER_KILL_WITHIN_MS = 700;

/** What a login tells whose browser or Worker was killed. */
const KILLED = new Set(["browser_died", "browser_unavailable", "interrupted"]);

type Member = { portal: TestPortal; username: string };

const seed = Number(process.env.BATON_SEED ?? randomInt(2 ** 31));
const random = seededRandom(seed);
let site: PortalSite | undefined;
afterAll(() => site?.close());

it("twenty logins and five kills: none beside another, no code twice, no lock, and all end logged in", async () => {
  console.log(`seed ${seed} (BATON_SEED=${seed} makes the same choices)`);
  let session = await startSession({ env: { BATON_TICK_MS: "2000" } });
  await putDefinition(session, "several");
  const accounts = Array.from({ length: ACCOUNTS }, (_, i) => newAccount(`kills-${i}`));
  const strict = await openSite(session, accounts, { login: { lockOverPerHour: 12 } });
  site = strict;
  const members: Member[] = [];
  const add = async (from: number, to: number) => {
    const more = accounts.slice(from, to).map(async (account) => ({
      portal: await makePortal(session, {
        name: account.username,
        definition: "several",
        site: strict,
        account,
      }),
      username: account.username,
    }));
    members.push(...(await Promise.all(more)));
  };

  await add(0, FIRST);
  await waitFor(() => strict.counts.loginPages > 0, { what: "a login", deadlineMs: 60_000 });
  await sleep(random() * KILL_WITHIN_MS);
  await session.kill();
  session = await startSession({ env: session.env });
  for (const member of members) member.portal = portalAt(session, member.portal.id);

  await add(FIRST, ACCOUNTS);
  const killed = new Set<number>();
  while (killed.size < BROWSER_KILLS) killed.add(await killBrowser(session, killed));

  const [quiet, ...busy] = await spared(members.slice(FIRST));
  const isEnough = () => strict.counts.logins >= MIN_LOGINS - ACCOUNTS;
  await Promise.all([
    ...busy.map((member) => logInAgain(strict, member, isEnough)),
    // Whose login was killed makes another one after a pause, by itself.
    ...members.map(({ portal }) => portal.primaryReady()),
  ]);
  await Promise.all(
    busy.map((member) => logInAgain(strict, member, () => strict.counts.logins >= MIN_LOGINS)),
  );
  await quiet?.portal.bothReady();

  const failures: string[] = [];
  for (const { portal } of members) {
    const { slot } = await partnersThrough(portal);
    expect(await portal.status()).toMatchObject({ running: true, hold: null, primary: { slot } });
    failures.push(...(await expectInOrder(portal)));
  }
  // The kills were felt, and taken for what they were.
  console.log(`logins that failed: ${failures.join(", ")}`);
  expect(failures.length).toBeGreaterThan(0);
  expect(failures.filter((reason) => !KILLED.has(reason))).toEqual([]);
  expect(strict.counts).toMatchObject(SOUND);
  expect(strict.counts.codesUsed).toBe(strict.counts.logins);
  expect(strict.counts.logins).toBeGreaterThanOrEqual(MIN_LOGINS);
  expect(strict.look().accounts.filter(({ locked }) => locked)).toEqual([]);
}, 240_000);

/** Ends the account's sessions over and over: the next request waits for a new login, and is served. */
async function logInAgain(
  strict: PortalSite,
  { portal, username }: Member,
  isEnough: () => boolean,
) {
  while (!isEnough() && (await portal.status()).budget.hour > 2) {
    strict.expire(username);
    await partnersThrough({ request: (input) => portal.request({ ...input, waitMs: 60_000 }) });
  }
}

/** Those that were logged in at once. */
async function spared(members: Member[]): Promise<Member[]> {
  const ended = await Promise.all(
    members.map(async (member) => {
      const status = await member.portal.when(
        "the first login's end",
        ({ primary, backup }) =>
          [primary?.state, backup?.state].some(
            (state) => state === "ready" || state === "cooldown",
          ),
        60_000,
      );
      return status.primary?.state === "ready" ? [member] : [];
    }),
  );
  return ended.flat();
}

/** One login at a time, each with another fence, and each code claimed once. Gives why logins have failed. */
async function expectInOrder(portal: TestPortal): Promise<string[]> {
  const audit = await portal.audit();
  const steps = audit.filter(({ what }) => /^login_(started|done|failed)$/.test(what));
  const starts = steps.filter(({ what }) => what === "login_started");
  expect(steps.map(({ what }) => what === "login_started")).toEqual(
    steps.map((_, i) => i % 2 === 0),
  );
  expect(new Set(starts.map(({ fields }) => fields.fence)).size).toBe(starts.length);
  const codes = audit.flatMap(({ fields }) => fields.codeHash ?? []);
  expect(new Set(codes).size).toBe(codes.length);
  return steps.flatMap(({ fields: { reason } }) => (typeof reason === "string" ? [reason] : []));
}

/** Kills one of the session's browsers at a random moment. Gives its process. */
async function killBrowser(session: TestSession, before: ReadonlySet<number>): Promise<number> {
  await waitFor(() => browsersOf(session).some((pid) => !before.has(pid)), {
    what: "a browser",
    deadlineMs: 90_000,
    explain: session.output,
  });
  await sleep(random() * BROWSER_KILL_WITHIN_MS);
  const running = browsersOf(session).filter((pid) => !before.has(pid));
  const pid = running[Math.floor(random() * running.length)];
  if (pid === undefined) return killBrowser(session, before);
  process.kill(pid, "SIGKILL");
  return pid;
}
