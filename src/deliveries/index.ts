export { type ConsumerDeps, consumerDeps } from "./deps.ts";
export { SUMMARY_COLUMNS } from "./list-deliveries.ts";
export { pollReceipts } from "./poll-receipts.ts";
export { presentSummary } from "./present-delivery.ts";
export { sweepDeliveries } from "./sweep-deliveries.ts";
