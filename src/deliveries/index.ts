export { type ConsumerDeps, consumerDeps } from "./deps.ts";
export { sweepDeliveries } from "./sweep-deliveries.ts";
