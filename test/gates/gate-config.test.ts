import { describe, expect, it } from "vitest";
import { gateConfigOf } from "../../src/gates/gate-config.ts";

describe("the gate of a destination", () => {
  it.each([{}, { rate: null, ordered: "none" as const, orderKey: "sender", breaker: null }])(
    "is none when it asks for nothing: %j",
    (row) => expect(gateConfigOf(row)).toBeNull(),
  );

  it("is what it asks for", () => {
    const breaker = { failures: 3, cooldownSeconds: 9 };
    const row = { rate: { perSecond: 5 }, ordered: "key" as const, orderKey: "sender", breaker };
    expect(gateConfigOf({ ...row, updatedAt: 7 })).toEqual({
      version: 7,
      perSecond: 5,
      concurrency: null,
      orderKey: "sender",
      breaker,
    });
  });

  it.each([
    ["ten minutes by the default schedule", null, 600],
    ["as long as a short schedule spans", [0, 2, 4], 6],
    ["none for a single try", [0], 0],
    ["ten minutes at most", [0, 86_400], 600],
  ])("without a breaker of its own has a mild one: %s", (_, retrySchedule, maxOpenSeconds) => {
    const gate = gateConfigOf({ rate: { concurrency: 1 }, retrySchedule });
    expect(gate?.breaker).toEqual({ failures: 10, cooldownSeconds: 2, maxOpenSeconds });
  });
});
