import type { ClientError } from "./client-error.ts";

/**
 * How a connection ended.
 * `lost`: to be opened again after a wait. `isBlocked`: the server is there, and this transport does not come through.
 * `expired`: to be opened again with another token. `unauthorized`: refused with this token. `final`: for good.
 */
export type Cut =
  | { kind: "lost"; error: ClientError; floorMs?: number; isBlocked?: boolean }
  | { kind: "expired"; error: ClientError }
  | { kind: "unauthorized"; error: ClientError }
  | { kind: "final"; error: ClientError };
