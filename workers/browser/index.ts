export { SessionPair } from "../../src/portals/session-pair.do.ts";

export default {
  fetch: () => new Response("This Worker serves Durable Objects only.", { status: 404 }),
} satisfies ExportedHandler<BrowserEnv>;
