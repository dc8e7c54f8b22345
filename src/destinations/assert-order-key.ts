import { refused } from "../errors.ts";

/** 422 for an order without a key to order by. */
export function assertOrderKey(fields: {
  ordered?: "none" | "key" | null;
  orderKey?: string | null;
}): void {
  if (fields.ordered !== "key" || fields.orderKey) return;
  throw refused(
    "orderKey",
    "is needed with `ordered: key`: one of `json:<path>`, `header:<name>`, `sender`",
  );
}
