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
    expect(gateConfigOf(row)).toEqual({
      perSecond: 5,
      concurrency: null,
      orderKey: "sender",
      breaker,
    });
  });

  it.each([
    ["ten minutes of probes by the default schedule", null, 300],
    ["as long as a short schedule spans", [0, 2, 4], 3],
    ["none for a single try", [0], 0],
    ["ten minutes at most", [0, 86_400], 300],
  ])("without a breaker of its own has a mild one: %s", (_, retrySchedule, maxProbes) => {
    const gate = gateConfigOf({ rate: { concurrency: 1 }, retrySchedule });
    expect(gate?.breaker).toEqual({ failures: 10, cooldownSeconds: 2, maxProbes });
  });
});
