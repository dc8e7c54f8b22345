import { pushUnpushed } from "../chat/index.ts";
import {
  type ConsumerDeps,
  consumerDeps,
  pollReceipts,
  sweepDeliveries,
} from "../deliveries/index.ts";
import { runHealth } from "../health/index.ts";
import { cleanUpKakao } from "../kakao/index.ts";
import { log } from "../log.ts";
import { tickPortals } from "../portals/index.ts";
import { rotateKeys } from "../rotation/index.ts";
import { pruneExpired } from "./prune-expired.ts";
import { CRONS, type JobName, type JobReport } from "./schemas.ts";

const JOBS = {
  sweep: sweepDeliveries,
  portals: tickPortals,
  health: runHealth,
  receipts: pollReceipts,
  prune: pruneExpired,
  rotate: rotateKeys,
  kakao: cleanUpKakao,
  chat: pushUnpushed,
} satisfies Record<JobName, (deps: ConsumerDeps, env: ConsumerEnv) => Promise<JobReport>>;

/** Runs one job to its end. Production's cron, `POST /jobs/{name}/run` and the local ticker all come through here. */
export async function runJob(env: ConsumerEnv, name: JobName): Promise<JobReport> {
  const report = await JOBS[name](consumerDeps(env), env);
  log.debug("job", { job: name, ...report });
  return report;
}

/** Runs every job of a cron expression; one that fails does not stop the others. */
export async function runCron(env: ConsumerEnv, cron: string): Promise<void> {
  const names: readonly JobName[] = CRONS[cron as keyof typeof CRONS] ?? [];
  for (const name of names) {
    try {
      await runJob(env, name);
    } catch (error) {
      log.error("job_failed", { job: name, error });
    }
  }
}
