export { operatorOnly, requires, requiresWriteOrLocalPage } from "./auth.ts";
export { idempotent, keyed } from "./body.ts";
export { authorizeChannel, type ChannelAccess } from "./channel-access.ts";
export { PAGE_COOKIE } from "./credential.ts";
export { notYet } from "./not-yet.ts";
export { jsonBody, jsonResponse, problems } from "./openapi.ts";
export { byPortal, portalReading, portalWriting } from "./portal-route.ts";
export { type AdminEnv, createRouter } from "./router.ts";
