import { expect, it } from "vitest";
import { CARD, CODE, jsonata, refusals, run } from "./run.ts";

const SMS = JSON.stringify({ message: CARD, from: "15447200" });

it("jsonata: a text is text, anything else JSON", async () => {
  expect(await run(jsonata("sender.name & ': ' & json.a"), '{"a":1}')).toEqual({
    text: "Kim's phone: 1",
    contentType: "text/plain; charset=utf-8",
  });
  expect(await run(jsonata('{"who": sender.name, "won": sms.amount}'), SMS)).toEqual({
    json: { who: "Kim's phone", won: 12000 },
    contentType: "application/json",
  });
  expect(await run(jsonata("null"))).toMatchObject({ json: null });
});

it("jsonata: sees the event, and none of the caller's credentials", async () => {
  expect(await run(jsonata("event"))).toMatchObject({
    json: {
      id: "evt_1",
      method: "POST",
      path: "/sms",
      query: { a: "1", b: ["2", "3"] },
      headers: { "content-type": "application/json" },
      contentType: "application/json",
      receivedAt: "2026-02-12T03:40:00.000Z",
    },
  });
  expect(await run(jsonata("[$keys(event.headers)]"))).toMatchObject({ json: ["content-type"] });
  expect(await run(jsonata("source.slug & ' ' & source.name"))).toMatchObject({
    text: "card Company card",
  });
});

it("jsonata: sees what an SMS says, its text, who sent it, and the text with its codes hidden", async () => {
  expect(await run(jsonata("[sms.issuer, sms.text, sms.sender]"), SMS)).toMatchObject({
    json: ["신한카드", CARD, "15447200"],
  });
  const code = JSON.stringify({ message: CODE });
  expect(await run(jsonata("sms.masked"), code)).toMatchObject({
    text: CODE.replace("482917", "******"),
  });
  expect(await run(jsonata("sms = null ? 'none' : 'some'"), '{"a":1}')).toMatchObject({
    text: "none",
  });
});

it("jsonata: what it needs for messages: split, replace by regex, times, totals", async () => {
  expect(await run(jsonata("$split(text, /, */)"), "a,b, c")).toMatchObject({
    json: ["a", "b", "c"],
  });
  expect(
    await run(jsonata("$replace(text, /(\\d+)원/, '$1 won')"), "12000원, 300원"),
  ).toMatchObject({ text: "12000 won, 300 won" });
  expect(await run(jsonata("$match(text, /A./i).match"), "ab Ac")).toMatchObject({
    json: ["ab", "Ac"],
  });
  expect(await run(jsonata("$toMillis('2026-02-12T12:34:00+09:00')"))).toMatchObject({
    json: 1770867240000,
  });
  expect(
    await run(jsonata("$now('[Y]') = $fromMillis($millis(), '[Y]') ? 'same' : 'not'")),
  ).toEqual(expect.objectContaining({ text: "same" }));
  expect(
    await run(jsonata("$sort(json.items.name, function($l, $r){ $l < $r })"), ITEMS),
  ).toMatchObject({ json: ["b", "a"] });
  expect(await run(jsonata("$join(json.items.name, ', ')"), ITEMS)).toMatchObject({ text: "a, b" });
  expect(await run(jsonata("$distinct(json.items.($pad(name, 2)))"), ITEMS)).toMatchObject({
    json: ["a ", "b "],
  });
});
const ITEMS = '{"items":[{"name":"a"},{"name":"b"}]}';

it.each([
  ["$replace by a text, so often", "$replace('a-b-c', '-', '+', 1)", "a+b-c"],
  ["$replace by a function", "$replace('abc', /b/, function($m){ $uppercase($m.match) })", "aBc"],
  ["$replace of the context", "text.$replace('a', 'b')", "b"],
  ["$split into characters", "$join($split('abc', ''), ',')", "a,b,c"],
  ["$split, so many pieces", "$join($split('a-b-c', '-', 2), ',')", "a,b"],
  ["$fromMillis", "$fromMillis(0, '[Y0001]-[M01]', '+0900')", "1970-01"],
  [
    "$formatNumber with options",
    "$formatNumber(1234.5, '#.##0,00', {'decimal-separator': ',', 'grouping-separator': '.'})",
    "1.234,50",
  ],
  ["$formatInteger", "$formatInteger(7, '000')", "007"],
  ["$parseInteger", "$string($parseInteger('1,200', '#,##0'))", "1200"],
])("jsonata: %s works as ever beside its guard", async (_, expression, text) => {
  expect(await run(jsonata(expression), "a")).toMatchObject({ text });
});

it.each([
  ["nothing", "json.nope", "gives nothing"],
  ["a function", "function($x){$x}", "gives a function"],
  ["a number that JSON cannot hold", "1/0", "divided by 0"],
  ["what it says itself", "$error('no amount')", "no amount"],
  ["an error with its place", "1 + 'a'", "at character"],
  ["$eval", "$eval('1')", "$eval, which is not available"],
  ["$toMillis with a picture", "$toMillis('1', '[Y]')", "picture"],
  ["no JSONata", "(a", "is no JSONata"],
])("jsonata: %s is a failure that says why", async (_, expression, why) => {
  const { failed } = await run(jsonata(expression));
  expect(failed).toMatch(/^step 1 \(jsonata\) /);
  expect(failed).toContain(why);
});

it.each(["json.constructor", "json.__proto__", "text.constructor", "$lookup(json, 'toString')"])(
  "jsonata: %s is nothing: no prototype is seen",
  async (expression) => {
    expect((await run(jsonata(expression))).failed).toContain("gives nothing");
  },
);

/** Each of these would run for minutes, or take all memory; the bound is on what is done, not on time. */
it.each([
  ["an endless loop", "($f := function($n){ $f($n + 1) }; $f(1))", "does too much"],
  ["an endless recursion", "($f := function($n){ 1 + $f($n) }; $f(1))", "Stack overflow"],
  [
    "a loop in a loop",
    "$map([1..20000], function($i){ $map([1..20000], function($j){ $j }) })",
    "does too much",
  ],
  ["a long range", "[1..10000000]", "maximum sequence length"],
  ["a text that doubles", "$reduce([1..60], function($a, $b){ $a & $a }, 'x')", "makes a value"],
  [
    "a value of shared parts",
    "$string($reduce([1..60], function($a, $b){ {'a': $a, 'b': $a} }, 'x'))",
    "makes a value",
  ],
  ["a wide $pad", "$pad('x', 1000000000)", "works on a text of over"],
  ["a $pad of long pieces", "$pad('x', 1000000, 'ab')", "works on a text of over"],
  ["a $length of a long text", "$length($join(['a','b'].$pad('', 1000000)))", "works on a text"],
  ["a $substring of a long text", "$substring($join(['a','b'].$pad('', 1000000)), 1)", "works on"],
  ["a $join by a long text", "$join([1..9].($string($)), $pad('', 1000000))", "makes a value"],
  ["a large output", "$pad('x', 262145)", "gives more than 256 KiB"],
  ["a $sort of a long list", "$sort(json)", "does too much"],
  ["a long picture", "$fromMillis(0, $pad('', 1000, '[Y]'))", "has a picture"],
  ["a long picture of now", "$now($pad('', 1000, '[Y]'))", "has a picture"],
  [
    "a list gone through again and again",
    "$map([1..20000], function($i){ $i in json })",
    "does too much",
  ],
  ["a $distinct of a long list", "$distinct(json)", "does too much"],
  ["a $replace that grows", "$replace($pad('', 100000, 'a'), 'a', $pad('', 99))", "makes a value"],
  ["a $replace of a million places", "$replace($pad('', 1000000, 'a'), 'a', 'b')", "does too much"],
  ["a $split into characters", "$split($join(['a','b'].$pad('', 1000000)), '')", "works on"],
  ["a $split at a million places", "$count($split($pad('', 1000000), ' '))", "does too much"],
  ["a long picture of a time", "$fromMillis(0, $pad('', 3000, '[Y]'))", "a picture of over 200"],
  ["a long picture of a number", "$formatNumber(1, $pad('', 3000, '0'))", "a picture of over"],
  ["a long picture of an integer", "$formatInteger(1, $pad('', 3000, '0'))", "a picture of over"],
  ["a long picture to read by", "$parseInteger('1', $pad('', 3000, '0'))", "a picture of over"],
])("jsonata: %s ends with a clear failure", async (_, expression, why) => {
  const long = JSON.stringify(Array.from({ length: 60_000 }, (_, i) => i));
  expect((await run(jsonata(expression), long)).failed).toContain(why);
});

it("jsonata: a regex that makes a backtracking engine hang is answered in linear time", async () => {
  const text = `${"a".repeat(50_000)}!`;
  expect(await run(jsonata("$contains(text, /(a+)+$/) ? 'y' : 'n'"), text)).toMatchObject({
    text: "n",
  });
  expect(await run(jsonata("$replace(text, /(a|a)*c/, '')"), text)).toMatchObject({ text });
});

it.each([
  ["no JSONata", "(a", "is no JSONata"],
  ["a regex with look-ahead", "$match(text, /a(?=b)/)", "not of RE2 syntax"],
  ["a regex of too many instructions", "$match(text, /(abcdefghij){60}/)", "instructions"],
  ["deep nesting", "(".repeat(9000), "is no JSONata"],
  ["a long signature", "function($x)<nnnnnnnnnnnnnnnnnnnn>{1}", "signature"],
  ["too many arguments", `$f(${"1,".repeat(16)}1)`, "arguments"],
])("jsonata: %s is refused when it is saved", (_, expression, why) => {
  const [refusal] = refusals([{ kind: "template", template: "x" }, jsonata(expression)]);
  expect(refusal).toMatch(/^1\.expression: /);
  expect(refusal).toContain(why);
});
