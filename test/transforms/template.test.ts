import { expect, it } from "vitest";
import { CARD, refusals, run, template } from "./run.ts";

const SMS = JSON.stringify({ message: CARD });

it.each([
  [
    "number",
    "{{ 1234567.5 | number }} {{ '23.99' | number }} {{ -1000 | number }}",
    "1,234,567.5 23.99 -1,000",
  ],
  [
    "won",
    "{{ sms.amount | won }} {{ '500' | won }} {{ -12000 | won }}",
    "12,000원 500원 -12,000원",
  ],
  ["man", "{{ 123456789 | man }} {{ 50000 | man }} {{ 0 | man }}", "1억 2,345만 6,789원 5만원 0원"],
  [
    "kst",
    "{{ event.receivedAt | kst }} {{ sms.occurredAt | kst: '%m/%d %H:%M' }}",
    "2026-02-12 12:40 02/12 12:34",
  ],
  ["date, in Seoul", "{{ event.receivedAt | date: '%H:%M' }}", "12:40"],
  [
    "what is no number or time",
    "{{ 'x' | won }}{{ '1,0' | man }}{{ 'soon' | kst }}{{ nil | won }}",
    "x1,0soon",
  ],
])("template: filter %s", async (_, text, expected) => {
  expect(await run(template(text), SMS)).toMatchObject({ text: expected });
});

it("template: the documentation's line for a card's SMS", async () => {
  const line =
    "{{ sms.issuer }} {{ sms.amount | won }} {{ sms.merchant }} ({{ sms.occurredAt | kst: '%m/%d %H:%M' }}, {{ sender.name }})";
  expect(await run(template(line), SMS)).toMatchObject({
    text: "신한카드 12,000원 스타벅스강남점 (02/12 12:34, Kim's phone)",
  });
});

it("template: what is not there is empty; nothing is escaped", async () => {
  expect(await run(template("[{{ json.nope.deeper }}] {{ json.a }}"), '{"a":"<b>&"}')).toEqual({
    text: "[] <b>&",
    contentType: "text/plain; charset=utf-8",
  });
});

it("template: a content type is kept; a JSON one makes JSON of the text, or fails", async () => {
  expect(await run(template("<p/>", "text/html"))).toEqual({
    text: "<p/>",
    contentType: "text/html",
  });
  const type = "application/vnd.shop+json; charset=utf-8";
  expect(await run(template('{"n": {{ json.n }}}', type), '{"n":3}')).toEqual({
    json: { n: 3 },
    contentType: type,
  });
  const { failed } = await run(template("{{ text }}", "application/json"), "nope");
  expect(failed).toMatch(/^step 1 \(template\) gives text that is no JSON: /);
});

it("template: no prototype is seen", async () => {
  const text = "{{ json.constructor }}{{ json.__proto__ }}{{ text.constructor }}";
  expect(await run(template(text), "{}")).toMatchObject({ text: "" });
});

/** Each of these would run for minutes, or take all memory; the bound is on what is done, not on time. */
it.each([
  [
    "loops in loops",
    "{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}",
    "does too much",
  ],
  ["a long range", "{% for i in (1..100000000) %}{% endfor %}", "too long lists"],
  [
    "a text that doubles",
    "{% assign s = text %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}",
    "too much text",
  ],
  [
    "a list that doubles",
    "{% assign a = 'a,b' | split: ',' %}{% for i in (1..60) %}{% assign a = a | concat: a %}{% endfor %}",
    "does too much",
  ],
  ["a wide number", "{{ 'now' | date: '%999999999d' }}", "too much text"],
  ["much output", "{% for i in (1..20000) %}{{ text }}{% endfor %}", "gives more than 256 KiB"],
])("template: %s ends with a clear failure", async (_, text, why) => {
  expect((await run(template(text), "x".repeat(40))).failed).toContain(why);
});

/** What goes over a list or a text at once costs by its size, however few the pieces are. */
it.each([
  "{% assign x = json | where_exp: 'x', 'x > 3' %}",
  "{% assign x = json | find: 'a', 99 %}",
  "{% assign x = json | sum: 'a' %}",
  "{% assign x = text | url_encode %}",
  "{% if json contains 'x' %}{% endif %}",
  "{% if json == json %}{% endif %}",
  "{% for x in json reversed %}{% break %}{% endfor %}",
  "{% capture x %}{{ json }}{% endcapture %}",
])("template: a loop of %s over a long list ends with a clear failure", async (text) => {
  const list = JSON.stringify(Array.from({ length: 200_000 }, () => 7));
  const loop = `{% for i in (1..20000) %}${text}{% endfor %}`;
  expect((await run(template(loop), list)).failed).toContain("does too much");
});

it("template: a message over a list of some hundred items is well within the bounds", async () => {
  const items = Array.from({ length: 500 }, (_, i) => ({ name: `item ${i}`, price: i * 1000 }));
  const text =
    "{% assign dear = json.items | where_exp: 'i', 'i.price > 1000' | sort: 'price' %}{% for i in dear %}{{ i.name | upcase }} {{ i.price | won }}\n{% endfor %}{{ json.items | sum: 'price' | won }}";
  const result = await run(template(text), JSON.stringify({ items }));
  expect(result.text).toContain("ITEM 499 499,000원");
  expect(result.text).toContain("124,750,000원");
});

it.each([
  ["an unknown filter", "{{ a | nope }}", "undefined filter: nope, line:1, col:1"],
  ["a tag without an end", "a\n{% if a %}", "line:2"],
  ["another template", "{% include 'a' %}", 'tag "include" not found'],
  ["a layout", "{% layout 'a' %}", 'tag "layout" not found'],
  ["a filter that nests lists", "{{ a | push: a }}", "undefined filter: push"],
])("template: %s is refused when it is saved", (_, text, why) => {
  const [refusal] = refusals([template(text)]);
  expect(refusal).toMatch(/^0\.template: is no Liquid template: /);
  expect(refusal).toContain(why);
});
