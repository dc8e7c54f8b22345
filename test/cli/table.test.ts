import { expect, test } from "vitest";
import { type Column, cellOf, cutToWidth, layOut, widthOf } from "../../src/cli/table.ts";

test.each([
  ["abc", 3],
  ["한글".normalize("NFD"), 4],
  ["카드", 4],
  ["카드 a", 6],
  ["한자漢字", 8],
  ["ﾊﾝｶｸ", 4],
  ["e\u0301", 1],
  ["✅", 2],
])("%s takes %i columns of a terminal", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test("columns line up under Korean text, and a row without a value keeps its columns", () => {
  const rows = [
    { name: "회사 카드", id: "1", note: null },
    { name: "demo", id: "22", note: "x" },
  ];
  const columns: Column<(typeof rows)[number]>[] = [
    { title: "NAME", of: ({ name }) => name },
    { title: "ID", of: ({ id }) => id },
    { title: "NOTE", of: ({ note }) => note },
  ];
  const table = layOut(rows, columns);
  expect(table.titles).toBe("NAME       ID  NOTE");
  expect(table.rows).toEqual(["회사 카드  1   -", "demo       22  x"]);
  const below = layOut([{ name: "a", id: "333", note: "y" }], columns, table.widths);
  expect(below.rows).toEqual(["a          333  y"]);
});

test("what a stranger sent cannot steer the terminal", () => {
  expect(cellOf("a\u001b[2Jb\r\nc\u202ed")).toBe("a [2Jb c d");
  expect(cellOf({ path: "\u001b]0;x\u0007" })).not.toMatch(/\p{Cc}/u);
  expect(cellOf("x".repeat(100))).toHaveLength(81);
});

test("a cell is cut between characters", () => {
  expect(cellOf(`${"x".repeat(79)}😀😀`)).toBe(`${"x".repeat(79)}…`);
});

test.each([
  ["승인 12", 4, "승인"],
  ["승인 12", 3, "승"],
  ["abc", 9, "abc"],
])("%j in %i columns is %j", (text, columns, expected) => {
  expect(cutToWidth(text, columns)).toBe(expected);
});

test.each([
  [undefined, "-"],
  ["", "-"],
  [0, "0"],
  [false, "false"],
  [["a", "b"], "a,b"],
  [{ a: [1] }, '{"a":[1]}'],
])("a cell of %j is %s", (value, expected) => {
  expect(cellOf(value)).toBe(expected);
});
