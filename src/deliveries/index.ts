export { type ConsumerDeps, consumerDeps } from "./deps.ts";
export { pollReceipts } from "./poll-receipts.ts";
export { sweepDeliveries } from "./sweep-deliveries.ts";
