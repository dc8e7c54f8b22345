export { Channel } from "../../src/channels/channel.do.ts";
export { DestinationGate } from "../../src/gates/destination-gate.do.ts";
export { RateLimit } from "../../src/rate-limits/rate-limit.do.ts";

export default {
  fetch: () => new Response("This Worker serves Durable Objects only.", { status: 404 }),
} satisfies ExportedHandler<ObjectsEnv>;
