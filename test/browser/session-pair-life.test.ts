import { describe, expect, it } from "vitest";
import { makePair } from "./make-pair.ts";

const text = (body: Uint8Array) => new TextDecoder().decode(body);

describe("a pair's life", () => {
  it("start, code, two sessions, a request, expiry, the backup takes over, a new backup follows", async () => {
    const pair = await makePair();
    const started = await pair.stub.start();
    expect(started).toMatchObject({ running: true, hold: null, mode: "pair" });
    await pair.pass(0);
    const first = await pair.stub.status();
    expect(first).toMatchObject({
      epoch: 1,
      primary: { slot: "A", state: "ready", lastVerdict: "in" },
      backup: null,
      budget: { hour: 2, day: 5 },
    });
    await pair.pass(29_000);
    expect(pair.browser.begun).toHaveLength(1);
    await pair.pass(2_000);
    const both = await pair.stub.status();
    expect(both).toMatchObject({
      epoch: 1,
      primary: { slot: "A", state: "ready", lastVerdict: "in" },
      backup: { slot: "B", state: "ready", lastVerdict: "in" },
    });
    expect(both.primary?.sessionId).not.toBe(both.backup?.sessionId);
    expect(pair.site.alive).toBe(2);

    const answered = await pair.get("/partners");
    expect(answered).toMatchObject({ kind: "answered", status: 200, servedBy: { slot: "A" } });
    if (answered.kind !== "answered") throw new Error("no answer");
    const sid = text(answered.body).split("=")[1] ?? "";

    pair.site.end(sid);
    const after = await pair.get("/partners");
    expect(after).toMatchObject({
      kind: "answered",
      status: 200,
      servedBy: { slot: "B", epoch: 2 },
    });
    const flipped = await pair.stub.status();
    expect(flipped).toMatchObject({
      epoch: 2,
      primary: { slot: "B", state: "ready" },
      backup: { slot: "A", state: "expired", lastVerdict: "out" },
    });
    await pair.pass(29_000);
    expect(pair.browser.begun).toHaveLength(2);
    await pair.pass(2_000);
    expect(await pair.stub.status()).toMatchObject({ backup: { slot: "A", state: "ready" } });
    expect(pair.browser.begun).toHaveLength(3);
    const metrics = await pair.stub.metrics();
    expect(metrics).toMatchObject({
      logins: { in: 3 },
      claims: 3,
      claimConflicts: 0,
      failovers: 1,
      requests: 2,
      requestsFailedByAuth: 0,
      budget: { hour: 0, day: 3 },
    });
  });
});
