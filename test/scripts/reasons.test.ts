import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { REASONS } from "../../src/destinations/reasons.ts";

it("the documentation names every reason of an attempt, and no other", () => {
  const text = readFileSync("docs/deliveries.md", "utf8");
  const table = text.slice(text.indexOf("Of an attempt:"), text.indexOf("A delivery that ended"));
  const documented = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name ?? "");
  const sorted = (names: readonly string[]) => names.toSorted((a, b) => a.localeCompare(b));
  expect(sorted(documented)).toEqual(sorted(REASONS));
});
