import { sha256Hex } from "../crypto.ts";

/** A UUID (of version 4, as clients expect) that the same parts always make. */
export async function deriveId(...parts: string[]): Promise<string> {
  const hex = await sha256Hex(JSON.stringify(parts));
  const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) & 3];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
