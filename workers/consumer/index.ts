import { consumeBatch } from "../../src/deliveries/consumer.ts";
import { runCron } from "../../src/jobs/run-job.ts";
import { setLogLevel } from "../../src/log.ts";

export { Jobs } from "../../src/jobs/jobs.entrypoint.ts";

export default {
  async queue(batch, env) {
    setLogLevel(env.LOG_LEVEL);
    await consumeBatch(batch, env);
  },
  async scheduled(controller, env) {
    setLogLevel(env.LOG_LEVEL);
    await runCron(env, controller.cron);
  },
} satisfies ExportedHandler<ConsumerEnv>;
