import { DrizzleQueryError } from "drizzle-orm";
import { afterEach, expect, it, vi } from "vitest";
import { log, setLogLevel } from "../../src/log.ts";

afterEach(() => {
  vi.restoreAllMocks();
  setLogLevel("info");
});

function lines(write: () => void): string[] {
  const written: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void written.push(line));
  write();
  return written;
}

it("a failed query is logged with its cause and without its parameters", () => {
  const error = new DrizzleQueryError(
    "insert into events (headers) values (?)",
    ["authorization: Bearer secret"],
    new Error("disk full"),
  );
  const [line] = lines(() => log.error("event_not_stored", { error }));
  expect(line).toContain("disk full");
  expect(line).toContain("insert into events");
  expect(line).not.toContain("secret");
});

it("any other error is logged with its stack", () => {
  const [line] = lines(() => log.error("unhandled", { error: new TypeError("boom") }));
  expect(line).toContain("TypeError: boom");
});

it("lines below the level are not written, and an unknown level means info", () => {
  setLogLevel("nonsense");
  expect(lines(() => log.debug("x"))).toEqual([]);
  expect(lines(() => log.info("x", { a: 1 }))).toEqual(['{"level":"info","event":"x","a":1}']);
});
