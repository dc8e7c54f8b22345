import { afterEach, expect, it, vi } from "vitest";
import { SOURCE_CACHE_MS } from "../../src/ingest/constants.ts";
import { edgeEnv, makeSource, sendWith } from "./support.ts";

const production = { BASE_DOMAIN: "example.com", APP_URL: "https://app.example.com" };

afterEach(() => {
  vi.useRealTimers();
});

it("in production a source is looked up once in 5 s, and a change takes effect after that", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  expect(SOURCE_CACHE_MS).toBeLessThanOrEqual(5000);
  const call = async () => (await sendWith(production, "https://cached.example.com/")).status;
  expect(await call()).toBe(404);
  await makeSource("cached");
  // What does not exist is not remembered: a new source works for the very next request.
  expect(await call()).toBe(202);
  await edgeEnv.DB.prepare("UPDATE sources SET enabled = 0 WHERE slug = 'cached'").run();
  expect(await call()).toBe(202);
  vi.setSystemTime(Date.now() + SOURCE_CACHE_MS + 1);
  expect(await call()).toBe(404);
});
