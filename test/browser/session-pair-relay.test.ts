import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { makePair, type TestPair } from "./make-pair.ts";

const shown = (answer: { body?: Uint8Array }) => new TextDecoder().decode(answer.body);

async function endPrimary(pair: TestPair): Promise<void> {
  const answer = await pair.get("/who");
  if (answer.kind !== "answered") throw new Error("no answer");
  pair.site.end(shown(answer).split("; ")[0]?.split("=")[1] ?? "");
}

const POST = { method: "POST", body: null };

describe("requests", () => {
  it("100 at once that find the session over: one flip, one login, none fails", async () => {
    const pair = await makePair();
    await pair.ready();
    await endPrimary(pair);
    pair.site.asked.length = 0;
    const answers = await Promise.all(Array.from({ length: 100 }, () => pair.get("/partners")));
    expect(answers.map((one) => one.kind === "answered" && one.status)).toEqual(
      answers.map(() => 200),
    );
    expect(await pair.stub.status()).toMatchObject({ epoch: 2, primary: { slot: "B" } });
    expect(pair.site.asked.filter((path) => path === "GET /health").length).toBeLessThanOrEqual(1);
    await pair.pass(60_000);
    expect(pair.browser.begun).toHaveLength(3);
    expect(await pair.stub.metrics()).toMatchObject({ failovers: 1, requestsFailedByAuth: 0 });
  });

  it("an answer that only looks as if the session were over is the site's own", async () => {
    const pair = await makePair();
    await pair.ready();
    const answer = await pair.get("/forbidden");
    expect(answer).toMatchObject({ kind: "answered", status: 401, servedBy: { slot: "A" } });
    expect(await pair.stub.status()).toMatchObject({ epoch: 1 });
    expect((await pair.stub.metrics()).requestsFailedByAuth).toBe(0);
  });

  it("an unkeyed POST is probed for first, and never sent twice", async () => {
    const pair = await makePair();
    await pair.ready();
    await endPrimary(pair);
    await pair.pass(3_000);
    pair.site.asked.length = 0;
    expect(await pair.get("/orders", POST)).toMatchObject({ status: 200, servedBy: { slot: "B" } });
    expect(pair.site.asked.filter((path) => path === "POST /orders")).toHaveLength(1);
  });

  it("an unkeyed POST that meets the expiry itself is handed back as it came; a keyed one goes to the backup", async () => {
    const pair = await makePair();
    await pair.ready();
    await endPrimary(pair);
    // Evidence of a moment ago: the probe before it is left out.
    await pair.stub.tick();
    pair.site.asked.length = 0;
    expect(await pair.get("/orders", POST)).toMatchObject({ status: 401, servedBy: { slot: "A" } });
    expect(pair.site.asked.filter((path) => path === "POST /orders")).toHaveLength(1);
    expect((await pair.stub.metrics()).requestsFailedByAuth).toBe(1);

    const other = await makePair();
    await other.ready();
    await endPrimary(other);
    const keyed = await other.get("/orders", { ...POST, idempotencyKey: "k1" });
    expect(keyed).toMatchObject({ status: 200, servedBy: { slot: "B" } });
  });

  it("a site in trouble flips nothing and logs nobody in", async () => {
    const pair = await makePair();
    await pair.ready();
    pair.site.isDown = true;
    expect(await pair.get("/partners")).toMatchObject({ kind: "answered", status: 503 });
    await pair.pass(3_600_000);
    expect(await pair.stub.status()).toMatchObject({
      epoch: 1,
      primary: { state: "ready", lastVerdict: "inconclusive" },
    });
    expect(pair.browser.begun).toHaveLength(2);
  });

  it("waits for the login that runs, when no session is left", async () => {
    const pair = await makePair();
    pair.browser.sendSms = async () => {};
    await pair.stub.start();
    const waiting = pair.get("/partners", { waitMs: 60_000 });
    await expect.poll(async () => (await pair.state())?.slots.A.login?.step).toBe("awaiting_code");
    await pair.phone.receive("100001");
    await pair.pass(0);
    expect(await waiting).toMatchObject({ kind: "answered", status: 200 });
    expect(pair.browser.begun).toHaveLength(1);
  });

  it("both sessions over at once: one login, and the request waits for it", async () => {
    const pair = await makePair();
    await pair.ready();
    pair.site.endAll();
    const answer = await pair.get("/partners", { waitMs: 60_000 });
    expect(answer).toMatchObject({ kind: "answered", status: 200 });
    expect(pair.browser.begun).toHaveLength(3);
  });

  it("says why it has no session, and when to come again", async () => {
    const pair = await makePair();
    expect(await pair.get("/x")).toMatchObject({ kind: "unavailable", reason: "stopped" });
    pair.browser.sendSms = async () => {};
    await pair.stub.start();
    expect(await pair.get("/x")).toMatchObject({
      kind: "unavailable",
      reason: "no_session_ready",
      retryAfterMs: 10_000,
      sent: false,
    });
    expect(await pair.get("/x", { url: "http://other.test/" })).toMatchObject({
      kind: "refused",
      field: "url",
    });
  });

  it("goes through a page of the site, one browser a session, which ends with it", async () => {
    const pair = await makePair({ transport: "page" });
    await pair.ready();
    await Promise.all([pair.get("/a"), pair.get("/b"), pair.get("/c")]);
    expect(pair.pages.sent).toBe(3);
    expect((await pair.state())?.slots.A.session?.browserId).toBe("page-1");
    await endPrimary(pair);
    expect(await pair.get("/a")).toMatchObject({ servedBy: { slot: "B" } });
    expect(pair.pages.discarded).toEqual(["page-1"]);
  });

  it("fails over by hand, but not to a backup that is not ready", async () => {
    const pair = await makePair();
    await pair.stub.start();
    await pair.pass(0);
    expect(await pair.stub.failover()).toBeNull();
    await pair.pass(31_000);
    expect(await pair.stub.failover()).toMatchObject({
      epoch: 2,
      primary: { slot: "B", state: "ready" },
      backup: { slot: "A", state: "ready" },
    });
    await pair.pass(3_600_000);
    expect(pair.browser.begun).toHaveLength(2);
  });
});

describe("jars", () => {
  const jarOf = (pair: TestPair, slot: string) =>
    runInDurableObject(pair.stub, (_, { storage }) =>
      storage.sql
        .exec<{ fence: number; version: number; sealed: string }>(
          "SELECT fence, version, sealed FROM jars WHERE slot = ?",
          slot,
        )
        .one(),
    );

  it("are sealed, outlive the object, and keep what answers change", async () => {
    const pair = await makePair();
    await pair.ready();
    const [sid = ""] = pair.site.sessions.keys();
    expect(JSON.stringify(await jarOf(pair, "A"))).not.toContain(sid);
    pair.site.nextCookie = "fresh";
    await pair.get("/x");
    expect((await jarOf(pair, "A")).version).toBe(2);
    await pair.evict();
    expect(shown((await pair.get("/x")) as { body: Uint8Array })).toBe(`sid=${sid}; extra=fresh`);
    expect(pair.browser.begun).toHaveLength(2);
  });

  it("a slow answer of an earlier login does not touch a newer one's", async () => {
    const pair = await makePair();
    await pair.ready();
    let open = () => {};
    pair.site.gate = new Promise((resolve) => {
      open = resolve;
    });
    pair.site.nextCookie = "stale";
    const slow = pair.get("/slow");
    await expect.poll(() => pair.site.asked.includes("GET /slow")).toBe(true);
    pair.site.gate = Promise.resolve();
    // Meanwhile its session ends, and the slot is logged in anew.
    await runInDurableObject(pair.stub, (_, { storage }) => {
      storage.sql.exec("UPDATE jars SET fence = 99 WHERE slot = 'A'");
    });
    open();
    await slow;
    expect(await jarOf(pair, "A")).toMatchObject({ fence: 99, version: 1 });
  });

  it("are sealed with the current key, and opened with an older one", async () => {
    const pair = await makePair();
    await pair.ready();
    const before = await jarOf(pair, "A");
    const { masterKey } = pair.parts;
    pair.parts.masterKey = `${btoa("k".repeat(32))},${masterKey}`;
    await pair.evict();
    expect(await pair.get("/x")).toMatchObject({ kind: "answered", status: 200 });
    const after = await jarOf(pair, "A");
    expect(after.sealed.split(".")[0]).not.toBe(before.sealed.split(".")[0]);
    expect(after.version).toBe(before.version);
    expect(pair.browser.begun).toHaveLength(2);
  });

  it("one that no key opens is a session that is over", async () => {
    const pair = await makePair();
    await pair.ready();
    await runInDurableObject(pair.stub, (_, { storage }) => {
      storage.sql.exec("UPDATE jars SET sealed = 'ffffffff.AAAA' WHERE slot = 'A'");
    });
    await pair.evict();
    expect(await pair.get("/x")).toMatchObject({ status: 200, servedBy: { slot: "B" } });
  });
});
