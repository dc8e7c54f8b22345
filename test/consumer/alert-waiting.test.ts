import { beforeEach, describe, expect, it } from "vitest";
import type { Gate, GateAnswer, Place, Report } from "../../src/gates/index.ts";
import { isId } from "../../src/ids.ts";
import {
  addAlerts,
  alerts,
  health,
  MINUTE_MS,
  makeDue,
  resetHealth,
  tell,
} from "./health-support.ts";
import { consumerEnv, makeDestination, received } from "./support.ts";

const { DB } = consumerEnv;

beforeEach(resetHealth);

describe("an alert respects its destination", () => {
  async function alarm() {
    const bell = await makeDestination();
    await tell(bell.id);
    await addAlerts("org_test", 1);
    return bell;
  }
  const set = (id: string, what: string) =>
    DB.prepare(`UPDATE destinations SET ${what} WHERE id = ?`).bind(id).run();

  it("a pause: it comes afterwards, and has used no try up", async () => {
    const bell = await alarm();
    const until = Date.now() + 30 * MINUTE_MS;
    await set(bell.id, `paused_until = ${until}`);
    expect(await health()).toMatchObject({ alertsSent: 0 });
    expect(await alerts()).toMatchObject([
      { status: "pending", attempt: 0, reason: "destination_paused" },
    ]);
    const due = await DB.prepare("SELECT next_attempt_at AS at FROM alerts").first<{
      at: number;
    }>();
    expect(due?.at).toBe(until);
    await set(bell.id, "paused_until = NULL");
    await makeDue();
    expect(await health()).toMatchObject({ alertsSent: 1 });
    expect((await received(bell.key)).length).toBe(1);
  });

  /** A gate that gives one answer and notes what it is asked. */
  function fakeGate(answer: GateAnswer) {
    const calls: unknown[] = [];
    const gate: Partial<Gate> = {
      acquire: async (_config, place: Place) => {
        calls.push(["acquire", place.deliveryId, place.key]);
        return answer;
      },
      settle: async (ids: string[]) => void calls.push(["settle", ...ids]),
      report: async ({ permitId, dueAt, health: told }: Report) =>
        void calls.push(["report", permitId, dueAt, told]),
    };
    const GATE = { getByName: () => gate } as unknown as ConsumerEnv["GATE"];
    return { GATE, calls };
  }

  it("its gate: it asks without an order, waits, and returns the permit", async () => {
    const bell = await alarm();
    await set(bell.id, `rate = '{"perSecond":1}'`);
    const { GATE, calls } = fakeGate({ kind: "go", permitId: "p", waitMs: 100 });
    const before = Date.now();
    expect(await health({ GATE })).toMatchObject({ alertsSent: 1 });
    expect(Date.now() - before).toBeGreaterThanOrEqual(100);
    // A gate asks the consumer after ids of deliveries; anything else would be a malformed task.
    expect(calls).toEqual([
      ["acquire", expect.toSatisfy((id: string) => isId("delivery", id)), null],
      ["report", "p", null, "success"],
    ]);
    expect((await received(bell.key)).length).toBe(1);
  });

  it("a failed call is reported as one", async () => {
    const bell = await makeDestination("status/500");
    await tell(bell.id);
    await addAlerts("org_test", 1);
    await set(bell.id, `rate = '{"perSecond":1}'`);
    const { GATE, calls } = fakeGate({ kind: "go", permitId: "p", waitMs: 0 });
    await health({ GATE });
    expect(calls.at(-1)).toEqual(["report", "p", null, "failure"]);
  });

  it.each<GateAnswer>([
    { kind: "busy" },
    { kind: "wait", until: Date.now() + 1000, sendTask: true },
  ])(
    "a gate that says $kind: it leaves the line, and comes again in the next run",
    async (answer) => {
      const bell = await alarm();
      await set(bell.id, `rate = '{"perSecond":1}'`);
      const { GATE, calls } = fakeGate(answer);
      expect(await health({ GATE })).toMatchObject({ alertsSent: 0 });
      const [alert] = await alerts();
      const [asked, left] = calls as [unknown[], unknown[]];
      expect(left).toEqual(["settle", asked[1]]);
      expect(alert).toMatchObject({ status: "pending", attempt: 0, reason: "gate_closed" });
      expect((await received(bell.key)).length).toBe(0);
      expect(await health()).toMatchObject({ alertsSent: 1 });
      expect((await received(bell.key)).length).toBe(1);
    },
  );
});
