import { createIngest } from "../../src/ingest/routes.ts";
import { setLogLevel } from "../../src/log.ts";

const ingest = createIngest();

export default {
  fetch(request, env, ctx) {
    setLogLevel(env.LOG_LEVEL);
    return ingest.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<EdgeEnv>;
