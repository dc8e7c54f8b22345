import { describe, expect, it } from "vitest";
import { discordOutcome } from "../../src/destinations/discord.ts";
import { scrub } from "../../src/destinations/scrub.ts";
import { telegramOutcome } from "../../src/destinations/telegram.ts";

const answerOf = (status: number, body: unknown, headers: [string, string][] = []) => ({
  status,
  retryAfter: headers.find(([name]) => name === "retry-after")?.[1] ?? null,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const rejected = { ok: false, retry: false, reason: "rejected" };
const disabled = { ...rejected, effect: "disable" };
const again = (reason: string) => ({ ok: false, retry: true, reason });
const paused = (retryAfterMs: number) => ({
  ...again("rate_limited"),
  retryAfterMs,
  uncounted: true,
  effect: "pause",
});
const DAY_MS = 86_400_000;

describe("the statuses that both have", () => {
  it.each([
    [302, again("redirect")],
    [400, rejected],
    [401, disabled],
    [403, disabled],
    [404, disabled],
    [405, rejected],
    [408, again("http_status")],
    [410, disabled],
    [413, rejected],
    [500, again("http_status")],
    [503, again("http_status")],
  ])("%d", (status, outcome) => {
    for (const body of ["", "<html>", { code: 1 }, { ok: true, id: "1" }]) {
      expect(discordOutcome(answerOf(status, body))).toEqual(outcome);
      expect(telegramOutcome(answerOf(status, body))).toEqual(outcome);
    }
  });
});

describe("what Discord's answer means", () => {
  it.each([
    [200, { id: "1100" }, { ok: true }],
    [204, "", { ok: true }],
    [200, "<html>Log in</html>", rejected],
    [200, "", rejected],
    [200, {}, rejected],
    [200, [], rejected],
    [200, "null", rejected],
  ])("%d %j", (status, body, outcome) => {
    expect(discordOutcome(answerOf(status, body))).toEqual(outcome);
  });

  it.each<[unknown, [string, string][], number]>([
    [{ retry_after: 0.3125 }, [["retry-after", "1"]], 313],
    [{ retry_after: 64.57, global: true }, [], 64_570],
    [{ retry_after: 1e9 }, [], DAY_MS],
    ["error code: 1015", [["retry-after", "30"]], 30_000],
    [{ retry_after: "soon" }, [["x-ratelimit-reset-after", "1.5"]], 1500],
    [{ retry_after: -1 }, [], 2000],
    ["", [], 2000],
  ])("429 %j %j", (body, headers, waitMs) => {
    expect(discordOutcome(answerOf(429, body, headers))).toEqual(paused(waitMs));
  });
});

describe("what Telegram's answer means", () => {
  it.each([
    [200, { ok: true, result: { message_id: 1 } }, { ok: true }],
    [200, { ok: false, error_code: 400 }, rejected],
    [200, { ok: "true" }, rejected],
    [200, "<html>Log in</html>", rejected],
    [204, "", rejected],
    [400, { ok: false, description: "Bad Request: chat not found" }, rejected],
    [400, { ok: false, parameters: { migrate_to_chat_id: -100 } }, rejected],
  ])("%d %j", (status, body, outcome) => {
    expect(telegramOutcome(answerOf(status, body))).toEqual(outcome);
  });

  it.each<[unknown, [string, string][], number]>([
    [{ ok: false, parameters: { retry_after: 5 } }, [], 5000],
    [{ ok: false, parameters: { retry_after: 5 } }, [["retry-after", "9"]], 5000],
    [{ ok: false, parameters: null }, [["retry-after", "9"]], 9000],
    ["<html>", [], 1000],
  ])("429 %j %j", (body, headers, waitMs) => {
    expect(telegramOutcome(answerOf(429, body, headers))).toEqual(paused(waitMs));
  });
});

it("an answer that repeats the secret is recorded without it", () => {
  const secret = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0";
  const bytes = new Uint8Array(new TextEncoder().encode(`no /bot1:${secret}/sendMessage here`));
  const headers: [string, string][] = [["location", `https://x.example/bot1:${secret}/`]];
  const found = scrub(secret, { status: 404, headers, truncated: false }, bytes);
  expect(found.response.headers).toEqual([["location", "https://x.example/bot1:********/"]]);
  expect(new TextDecoder().decode(found.responseBody)).toBe("no /bot1:********/sendMessage here");
  const binary = new Uint8Array([0xff, 0x00]);
  expect(scrub(secret, found.response, binary).responseBody).toBe(binary);
  expect(scrub("ok", found.response, bytes).responseBody).toBe(bytes);
});
