import { beforeEach, expect, it } from "vitest";
import { openControl } from "../../src/db/client.ts";
import { readLastHealthJob } from "../../src/health/index.ts";
import { newId } from "../../src/ids.ts";
import { runJob } from "../../src/jobs/run-job.ts";
import { tickPortals } from "../../src/portals/index.ts";
import type { Hold, PairStatus, Reason } from "../../src/session-pairs/index.ts";
import { alerts, env, health, resetHealth, tell } from "./health-support.ts";
import { consumerEnv, makeDestination, received } from "./support.ts";

/*
 * The job `portals`: who is asked, what becomes an alert, and that one pair in trouble holds up no other. The pairs here
 * answer what each test says; that real ones do so is shown where they live.
 */

const { DB } = consumerEnv;
const WELL: PairStatus = {
  running: true,
  epoch: 1,
  primary: {
    slot: "A",
    sessionId: "s1",
    state: "ready",
    readyAt: 1,
    lastProbeAt: 1,
    lastVerdict: "in",
  },
  backup: null,
  hold: null,
  mode: "pair",
  budget: { hour: 3, day: 6 },
};

type Answer = PairStatus | Error;
const answers = new Map<string, Answer>();
let called: string[] = [];
let atOnce = 0;
let mostAtOnce = 0;

function answer(method: string, id: string): Promise<PairStatus> {
  called.push(`${method} ${id}`);
  atOnce += 1;
  mostAtOnce = Math.max(mostAtOnce, atOnce);
  return Promise.resolve().then(() => {
    atOnce -= 1;
    const said = answers.get(id) ?? WELL;
    if (said instanceof Error) throw said;
    return said;
  });
}

const SESSION_PAIR = {
  getByName: (id: string) => ({ tick: () => answer("tick", id) }),
} as unknown as ConsumerEnv["SESSION_PAIR"];
const portalsJob = () => runJob({ ...env, SESSION_PAIR }, "portals");

const held = (reason: Reason, since = Date.now(), until: number | null = null): PairStatus => {
  const hold: Hold = { reason, since, until, evidenceId: null };
  return { ...WELL, primary: null, hold };
};

async function makePortal({ enabled = true, updatedAt = Date.now() } = {}): Promise<string> {
  const id = newId("portal");
  await DB.prepare(
    "INSERT INTO portals (id, organization_id, name, definition, base_url, enabled, on_deploy, is_default, created_at, updated_at) VALUES (?, 'org_test', 'Shop', 'shop', 'https://shop.example', ?, 'keep', 0, 0, ?)",
  )
    .bind(id, enabled ? 1 : 0, updatedAt)
    .run();
  return id;
}

let destination: Awaited<ReturnType<typeof makeDestination>>;

beforeEach(async () => {
  await resetHealth();
  await DB.prepare("DELETE FROM portals").run();
  answers.clear();
  called = [];
  mostAtOnce = 0;
  destination = await makeDestination();
  await tell(destination.id);
});

it("ticks enabled portals, and those that were disabled of late, which stop, and leaves the others alone", async () => {
  const enabled = await makePortal();
  const disabled = await makePortal({ enabled: false });
  await makePortal({ enabled: false, updatedAt: Date.now() - 25 * 3_600_000 });
  const old = await makePortal({ updatedAt: 1 });
  expect(await portalsJob()).toEqual({
    ticked: 2,
    stopped: 1,
    unreachable: 0,
    failing: 0,
    changed: 0,
  });
  expect(called.toSorted()).toEqual(
    [`tick ${enabled}`, `tick ${disabled}`, `tick ${old}`].toSorted(),
  );
  expect(await alerts()).toEqual([]);
});

it("one that cannot be reached is counted, and stops no other", async () => {
  const broken = await makePortal();
  await makePortal();
  answers.set(broken, new Error("the object is overloaded"));
  expect(await portalsJob()).toMatchObject({ ticked: 1, unreachable: 1 });
  expect(await alerts()).toEqual([]);
});

it("asks ten at a time", async () => {
  for (let i = 0; i < 23; i++) await makePortal();
  expect(await portalsJob()).toMatchObject({ ticked: 23 });
  expect(mostAtOnce).toBe(10);
});

it("is bounded as a whole, and the next run goes on where it stopped, around all of them", async () => {
  for (let i = 0; i < 25; i++) await makePortal();
  const ids = (await DB.prepare("SELECT id FROM portals ORDER BY id").all<{ id: string }>())
    .results;
  const silent = new Set(ids.slice(0, 10).map(({ id }) => id));
  const asked: string[] = [];
  const pairs = {
    getByName: (id: string) => ({
      tick: () => {
        asked.push(id);
        return silent.has(id) ? new Promise<never>(() => {}) : Promise.resolve(WELL);
      },
    }),
  } as unknown as Parameters<typeof tickPortals>[0]["pairs"];
  const run = () =>
    tickPortals({ db: openControl(DB), pairs }, null, { oneMs: 60_000, allMs: 300 });
  expect(await run()).toMatchObject({ ticked: 0, unreachable: 10 });
  expect(asked).toHaveLength(10);
  expect(await run()).toMatchObject({ ticked: 15, unreachable: 10 });
  expect(asked.slice(10)).toEqual([...ids.slice(10), ...ids.slice(0, 10)].map(({ id }) => id));
  silent.clear();
  expect(await run()).toMatchObject({ ticked: 25, unreachable: 0 });
  expect(asked.slice(35)).toEqual(ids.map(({ id }) => id));
});

it("a hold is told once, with a link to the portal, and so is its end", async () => {
  const id = await makePortal();
  answers.set(id, held("wrong_password", Date.now() - 1_000));
  expect(await portalsJob()).toMatchObject({ failing: 1, changed: 1 });
  expect(await portalsJob()).toMatchObject({ failing: 1, changed: 0 });
  await health();
  const [told] = await received(destination.key);
  expect(told?.body).toContain("wrong_password");
  expect(told?.body).toContain(`/dashboard#${id}`);
  // Somebody resumes it: it logs in, and nothing is told before it is.
  answers.set(id, { ...WELL, primary: null });
  expect(await portalsJob()).toMatchObject({ changed: 0 });
  answers.set(id, WELL);
  expect(await portalsJob()).toMatchObject({ failing: 0, changed: 1 });
  expect(await portalsJob()).toMatchObject({ changed: 0 });
  expect(await alerts()).toMatchObject([
    { kind: "failing", check: `portal:${id}` },
    { kind: "recovered", check: `portal:${id}` },
  ]);
});

it.each<Reason>(["account_locked", "captcha", "budget_exhausted"])("%s alerts", async (reason) => {
  answers.set(await makePortal(), held(reason));
  await portalsJob();
  expect(await alerts()).toMatchObject([
    { kind: "failing", summary: expect.stringContaining(reason) },
  ]);
});

it("a pause that ends by itself is no news", async () => {
  answers.set(await makePortal(), held("site_busy", Date.now(), Date.now() + 60_000));
  expect(await portalsJob()).toMatchObject({ failing: 0, changed: 0 });
});

it("another hold after `resume` is told again", async () => {
  const id = await makePortal();
  answers.set(id, held("wrong_password", Date.now() - 1_000));
  await portalsJob();
  answers.set(id, held("captcha", Date.now() + 1_000));
  await portalsJob();
  expect((await alerts()).map(({ summary }) => summary)).toEqual([
    expect.stringContaining("wrong_password"),
    expect.stringContaining("captcha"),
  ]);
});

it("what is disabled or deleted is forgotten: enabled again, its hold is news", async () => {
  const id = await makePortal();
  answers.set(id, held("captcha", 1));
  await portalsJob();
  await DB.prepare("UPDATE portals SET enabled = 0 WHERE id = ?").bind(id).run();
  await portalsJob();
  const kept = () => DB.prepare("SELECT count(*) AS n FROM health_checks").first("n");
  expect(await kept()).toBe(0);
  await DB.prepare("UPDATE portals SET enabled = 1 WHERE id = ?").bind(id).run();
  await portalsJob();
  expect(await alerts()).toMatchObject([{ kind: "failing" }, { kind: "failing" }]);
  await DB.prepare("DELETE FROM portals").run();
  await portalsJob();
  expect(await kept()).toBe(0);
});

it("portals are not counted among the destinations that fail", async () => {
  answers.set(await makePortal(), held("captcha"));
  await portalsJob();
  await health();
  expect(await readLastHealthJob({ db: openControl(DB) })).toMatchObject({
    failingDestinations: 0,
  });
});
