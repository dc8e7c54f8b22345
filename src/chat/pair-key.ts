/** What the two users of a direct conversation have in common, whoever makes it. */
export function pairKey(one: string, other: string): string {
  return JSON.stringify([one, other].sort());
}
