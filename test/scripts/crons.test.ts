import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CRONS } from "../../src/jobs/schemas.ts";

it("every cron that has jobs is declared, and every declared cron has jobs", () => {
  const toml = readFileSync("workers/consumer/wrangler.toml", "utf8");
  const declared: unknown = JSON.parse(/crons = (\[.*\])/.exec(toml)?.[1] ?? "[]");
  expect(declared).toEqual(Object.keys(CRONS));
});
