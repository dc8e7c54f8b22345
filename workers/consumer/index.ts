import { setCrashPoints } from "../../src/crash-point.ts";
import { consumeBatch } from "../../src/deliveries/consumer.ts";
import type { BatchRunner } from "../../src/deliveries/run-batch.ts";
import { runCron } from "../../src/jobs/run-job.ts";
import { setLogLevel } from "../../src/log.ts";

export { Batches } from "../../src/deliveries/batches.entrypoint.ts";
export { Jobs } from "../../src/jobs/jobs.entrypoint.ts";

/** This Worker's own entrypoint; a test that calls the handler by itself has none, and waits for the work. */
function ownBatches(ctx: ExecutionContext | undefined): BatchRunner | undefined {
  return (ctx?.exports as { Batches?: BatchRunner } | undefined)?.Batches;
}

export default {
  async queue(batch, env, ctx?: ExecutionContext) {
    setLogLevel(env.LOG_LEVEL);
    setCrashPoints(env);
    await consumeBatch(batch, env, ownBatches(ctx));
  },
  async scheduled(controller, env) {
    setLogLevel(env.LOG_LEVEL);
    setCrashPoints(env);
    await runCron(env, controller.cron);
  },
} satisfies ExportedHandler<ConsumerEnv>;
