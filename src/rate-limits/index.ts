export type { Rate, RateLimiter, RateLimits, Taken } from "./rpc.ts";
