export { EVENT_COLUMNS, type EventRow, getEventInOrganization } from "./load-event.ts";
export { loadEventBody } from "./load-event-body.ts";
export { maskEvents } from "./mask-events.ts";
export { maskHeaders } from "./mask-headers.ts";
export { newestOfShards } from "./newest-of-shards.ts";
export { type Backlog, readBacklog } from "./read-backlog.ts";
export { toEvent } from "./to-event.ts";
