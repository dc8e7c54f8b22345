import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const TEST_COMMAND = "npm ci && npm test";
const folder = mkdtempSync(join(tmpdir(), "baton-ci-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("CI calls exactly the README's test command", () => {
  for (const file of ["README.md", "README.ko.md", ".ci/run"]) {
    expect(readFileSync(file, "utf8")).toContain(TEST_COMMAND);
  }
});

/** The last line of CI for a runner's report and the exit codes of tests and dry run. */
function lastLine(report: object | null, tests: string, deploy: string) {
  const file = join(folder, `${Math.random()}.json`);
  if (report) writeFileSync(file, JSON.stringify(report));
  const args = ["scripts/count-tests.mjs", file, tests, deploy];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return { line: stdout.trimEnd().split("\n").at(-1), status };
}

it.each([
  ["all passed", { numPassedTests: 7, numFailedTests: 0 }, "0", "0", "7 passed, 0 failed", 0],
  ["some failed", { numPassedTests: 5, numFailedTests: 2 }, "1", "0", "5 passed, 2 failed", 1],
  [
    "a suite broke outside its tests",
    { numPassedTests: 5, numFailedTests: 0 },
    "1",
    "0",
    "5 passed, 1 failed",
    1,
  ],
  [
    "a Worker does not build",
    { numPassedTests: 7, numFailedTests: 0 },
    "0",
    "1",
    "7 passed, 1 failed",
    1,
  ],
  ["the checks failed before any test", null, "1", "0", "0 passed, 1 failed", 1],
  ["no test ran", { numPassedTests: 0, numFailedTests: 0 }, "0", "0", "0 passed, 1 failed", 1],
])("the last line of CI when %s", (_, report, tests, deploy, line, status) => {
  expect(lastLine(report, tests, deploy)).toEqual({ line, status });
});

it("the lockfile names no registry host, and every version is exact", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toContain('"resolved"');
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync("package.json", "utf8"),
  ) as Record<string, Record<string, string>>;
  for (const version of Object.values({ ...dependencies, ...devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/);
  }
});
