import { createAdmin } from "../../src/admin/app.ts";
import { setLogLevel } from "../../src/log.ts";

const admin = createAdmin();

export default {
  fetch(request, env, ctx) {
    setLogLevel(env.LOG_LEVEL);
    return admin.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<AppEnv>;
