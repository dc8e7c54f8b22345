export { readLastHealthJob } from "./read-last-job.ts";
export { runHealth } from "./run-health.ts";
