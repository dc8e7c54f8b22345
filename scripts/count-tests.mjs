// Prints `N passed, N failed` from vitest's JSON report, as the last line of CI, and exits 1 when anything failed.
// Usage: count-tests.mjs <report> <exit code of the tests> <exit code of the dry run>
import { existsSync, readFileSync } from "node:fs";

const [file, ...codes] = process.argv.slice(2);
const broken = codes.some((code) => code !== "0");
const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const passed = report.numPassedTests ?? 0;
// What broke outside a test (format, lint, types, a build) has no test of its own, and must not look green.
const failed = Math.max(report.numFailedTests ?? 0, broken || passed === 0 ? 1 : 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
