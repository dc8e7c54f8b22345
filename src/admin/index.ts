export { operatorOnly, PAGE_COOKIE, requires } from "./auth.ts";
export { idempotent, keyed } from "./body.ts";
export { notYet } from "./not-yet.ts";
export { jsonBody, jsonResponse, problems } from "./openapi.ts";
export { type AdminEnv, createRouter } from "./router.ts";
