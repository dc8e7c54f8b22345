import { expect, test } from "vitest";
import { readTime } from "../../src/cli/read-time.ts";
import { match } from "../../src/cli/resource.ts";
import { readPairs } from "../../src/cli/settings-pairs.ts";
import { textsIn } from "../../src/cli/texts.ts";

const say = textsIn("en");
const NOW = Date.UTC(2026, 10, 21, 9);

test.each([
  ["2h", "2026-11-21T07:00:00.000Z"],
  ["30m", "2026-11-21T08:30:00.000Z"],
  ["45s", "2026-11-21T08:59:15.000Z"],
  ["1d", "2026-11-20T09:00:00.000Z"],
  ["2026-11-21T09:00:00+09:00", "2026-11-21T00:00:00.000Z"],
])("time: %s is %s", (text, expected) => {
  expect(readTime(text, "--from", NOW, say)).toBe(expected);
});

test.each(["yesterday", "2w", "-1h", "2026-13-01", "5", ""])("time: %j is refused", (text) => {
  expect(() => readTime(text, "--from", NOW, say)).toThrow(say.errors.badTime("--from", text));
});

test("pairs: text stays text, := is JSON, a dot leads into a field", () => {
  const pairs = ["to=01012345678", "timeoutMs:=5000", "headers.x-a=b=c", "headers.x.y=", "to:=[1]"];
  expect(readPairs(pairs, say)).toEqual({
    to: [1],
    timeoutMs: 5000,
    headers: { "x-a": "b=c", "x.y": "" },
  });
});

test("pairs: a name of the language's own is a field like any other", () => {
  const read = readPairs(["__proto__=x", "constructor.a=b"], say);
  expect(JSON.stringify(read)).toBe('{"__proto__":"x","constructor":{"a":"b"}}');
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
});

test.each([
  ["secret", ""],
  ["=secret", ""],
  ["a:=secret", "a:=…"],
])("pairs: %s is refused, and its value not shown", (pair, shown) => {
  expect(() => readPairs([pair], say)).toThrow(say.errors.badPair(shown));
});

test("names: an id, then the surest name; a name that two have gives both", () => {
  const items = [
    { id: "src_1", slug: "cards", name: "Cards" },
    { id: "src_2", slug: "other", name: "cards" },
    { id: "src_3", slug: "more", name: "Cards" },
  ];
  const resource = { names: (item: (typeof items)[number]) => [item.slug, item.name] };
  const find = (reference: string) => match(items, resource, reference).map(({ id }) => id);
  expect(find("src_2")).toEqual(["src_2"]);
  expect(find("cards")).toEqual(["src_1"]);
  expect(find("Cards")).toEqual(["src_1", "src_3"]);
  expect(find("CARDS")).toEqual([]);
});
