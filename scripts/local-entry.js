// Beside a Worker that was built for deployment: its entry in a local session.
import worker from "./index.js";

export * from "./index.js";

// As wrangler does with what it bundles itself: the local runtime cuts the connection of an upload that was refused
// before its end, and the sender would see no answer.
export default {
  ...worker,
  async fetch(request, env, ctx) {
    try {
      return await worker.fetch(request, env, ctx);
    } finally {
      if (request.body !== null && !request.bodyUsed) {
        await request.body.pipeTo(new WritableStream()).catch(() => {});
      }
    }
  },
};
