import { createHash } from "node:crypto";

/** What is told of a code: it says whether two are the same, as long as the mailbox remembers its salt. */
export function hashCode(salt: string, code: string): string {
  return createHash("sha256").update(`${salt}:${code}`).digest("hex");
}
