import { customType } from "drizzle-orm/sqlite-core";

/** A BLOB column. D1 hands blobs back as arrays of numbers; drizzle's own `buffer` mode needs Node's Buffer. */
export const bytes = customType<{
  data: Uint8Array<ArrayBuffer>;
  driverData: Uint8Array<ArrayBuffer> | ArrayBuffer | number[];
}>({
  dataType: () => "blob",
  toDriver: (value) => value,
  fromDriver: (value) => (value instanceof Uint8Array ? value : new Uint8Array(value)),
});
