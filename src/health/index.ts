export type { CheckRow, Finding } from "./finding.ts";
export { readLastHealthJob } from "./read-last-job.ts";
export { knownChecks, reportFindings } from "./report-findings.ts";
export { runHealth } from "./run-health.ts";
