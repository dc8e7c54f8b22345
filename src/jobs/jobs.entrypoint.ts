import { WorkerEntrypoint } from "cloudflare:workers";
import { setLogLevel } from "../log.ts";
import { runJob } from "./run-job.ts";
import type { JobName, JobReport } from "./schemas.ts";

/** RPC for the app Worker: run a cron job now. */
export class Jobs extends WorkerEntrypoint<ConsumerEnv> {
  async run(name: JobName): Promise<JobReport> {
    setLogLevel(this.env.LOG_LEVEL);
    // When the caller goes away the callee is cancelled; `waitUntil` lets the job finish.
    const report = runJob(this.env, name);
    this.ctx.waitUntil(report.catch(() => {}));
    return report;
  }
}
