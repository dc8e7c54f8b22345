import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { REASONS, SLOT_STATES } from "../../src/session-pairs/index.ts";

const text = readFileSync("docs/portals.md", "utf8");

it("the documentation names every reason with its words, and no other", () => {
  const table = text.slice(text.indexOf("## Reasons"), text.indexOf("## Limits"));
  const rows = [...table.matchAll(/^\| `(\w+)` \| (.*?) \| (.*?) \|$/gm)];
  const documented = rows.map(([, name = "", words = "", then = ""]) => [
    name,
    words,
    then.startsWith("waits for `resume`"),
  ]);
  expect(documented).toEqual(
    Object.entries(REASONS).map(([name, { next, text: words }]) => [name, words, next !== "later"]),
  );
});

it("every state of a slot is named", () => {
  const states = text.slice(text.indexOf("## States"), text.indexOf("## Reasons"));
  for (const state of SLOT_STATES) expect(states).toContain(`\`${state}\``);
});
