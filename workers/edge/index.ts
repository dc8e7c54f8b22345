import { setCrashPoints } from "../../src/crash-point.ts";
import { createIngest } from "../../src/ingest/routes.ts";
import { setLogLevel } from "../../src/log.ts";

const ingest = createIngest();

export default {
  fetch(request, env, ctx) {
    setLogLevel(env.LOG_LEVEL);
    setCrashPoints(env);
    return ingest.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<EdgeEnv>;
