export { isAllowedOrigin } from "./is-allowed-origin.ts";
