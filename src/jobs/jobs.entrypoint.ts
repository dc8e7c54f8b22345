import { WorkerEntrypoint } from "cloudflare:workers";
import { setCrashPoints } from "../crash-point.ts";
import { log, setLogLevel } from "../log.ts";
import { runJob } from "./run-job.ts";
import type { JobName, JobReport } from "./schemas.ts";

/** RPC for the app Worker: run a cron job now. */
export class Jobs extends WorkerEntrypoint<ConsumerEnv> {
  async run(name: JobName): Promise<JobReport> {
    setLogLevel(this.env.LOG_LEVEL);
    setCrashPoints(this.env);
    const report = runJob(this.env, name).catch((error: unknown) => {
      log.error("job_failed", { job: name, error });
      // An error that crosses to another Worker is logged there as text, with all that a query was given.
      throw new Error(`job ${name} failed; the consumer's log says why`);
    });
    // When the caller goes away the callee is cancelled; `waitUntil` lets the job finish.
    this.ctx.waitUntil(report.catch(() => {}));
    return report;
  }
}
