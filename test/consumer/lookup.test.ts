import { expect, inject, it, onTestFinished, vi } from "vitest";
import { deliver } from "../../src/destinations/deliver.ts";
import { assertPublicName, lookupProblem } from "../../src/destinations/lookup.ts";
import { eventWith, httpConfig, inputOf, SETTINGS } from "../destinations/fixtures.ts";

const settings = () => ({ ...SETTINGS, dohUrl: inject("dohUrl") });

async function timesAsked(name: string): Promise<number> {
  const response = await fetch(new URL(`/__asked?name=${name}`, inject("dohUrl")));
  return Number(await response.text());
}

it.each(["private", "loopback", "mapped"])(
  "a name that leads to %s addresses is refused",
  async (label) => {
    const url = `https://${label}.save.example.org/hook`;
    const named = {
      errors: [{ path: "config.url", message: expect.stringContaining("leads to") }],
    };
    await expect(assertPublicName({ url, field: "config.url" }, settings())).rejects.toMatchObject({
      code: "refused",
      ...named,
    });
  },
);

it.each(["public", "text", "missing", "broken", "garbled"])("%s: allowed", async (label) => {
  expect(await lookupProblem(`https://${label}.allow.example.org/`, settings())).toBeNull();
  expect(await timesAsked(`${label}.allow.example.org`)).toBe(2);
});

it("a resolver that does not answer is waited for 2 s, and then the name is allowed", async () => {
  const deadlines = vi.spyOn(AbortSignal, "timeout");
  onTestFinished(() => deadlines.mockRestore());
  const startedAt = Date.now();
  expect(await lookupProblem("https://silent.example.org/", settings())).toBeNull();
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1900);
  // Both kinds of address are asked for at once, and nothing else ends the wait.
  expect(deadlines.mock.calls).toEqual([[2000]]);
});

it("what a name leads to is asked for once, for both kinds of address", async () => {
  for (const path of ["a", "b"]) {
    expect(
      await lookupProblem(`https://private.once.example.org/${path}`, settings()),
    ).not.toBeNull();
  }
  expect(await timesAsked("private.once.example.org")).toBe(2);
});

it("a call is looked up, and not made: http and messages", async () => {
  const input = inputOf(eventWith("x"), { settings: settings() });
  const url = "https://private.call.example.org/hook";
  for (const { outcome } of [
    await deliver("http", httpConfig(url), input),
    await deliver("slack", { url }, input),
    await deliver("telegram", { token: `1:${"x".repeat(35)}`, chatId: 1, baseUrl: url }, input),
  ]) {
    expect(outcome).toEqual({ ok: false, retry: false, reason: "blocked_url" });
  }
});

it("without TLS no call is made that did not ask for it", async () => {
  const { outcome } = await deliver(
    "http",
    httpConfig("http://example.org/"),
    inputOf(eventWith("x")),
  );
  expect(outcome).toEqual({ ok: false, retry: false, reason: "blocked_url" });
});

it("addresses and `localhost` are not looked up, nor is anything without a resolver", async () => {
  for (const url of [`${inject("receiverUrl")}/`, "http://localhost:1/", "https://1.1.1.1/"]) {
    expect(await lookupProblem(url, settings())).toBeNull();
  }
  for (const name of ["127.0.0.1", "localhost", "1.1.1.1"]) expect(await timesAsked(name)).toBe(0);
  expect(await lookupProblem("https://private.off.example.org/", SETTINGS)).toBeNull();
});

it("a resolver without TLS is asked on this machine only, and only in a local session", async () => {
  const url = "https://private.plain.example.org/";
  expect(await lookupProblem(url, { ...settings(), allowLoopback: false })).toBeNull();
  expect(await timesAsked("private.plain.example.org")).toBe(0);
});
