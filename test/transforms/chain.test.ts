import { expect, it } from "vitest";
import { parseTransform } from "../../src/transforms/schemas.ts";
import { CARD, CODE, jsonata, refusals, run, template } from "./run.ts";

it("a chain: each step's output is the next one's `text` and `json`; `sms` stays the event's", async () => {
  const steps = [
    jsonata('{"who": sender.name, "won": sms.amount}'),
    template("{{ json.who }} {{ json.won | won }} {{ text | size }} {{ sms.issuer }}"),
    jsonata("text & '!' & (json = null ? '' : '?')"),
  ];
  expect(await run(steps, JSON.stringify({ message: CARD }))).toMatchObject({
    text: "Kim's phone 12,000원 33 신한카드!",
  });
  expect(await run([template('{"a":1}'), jsonata("json.a")])).toMatchObject({ json: 1 });
});

it("a chain: the failure names the step that failed", async () => {
  const steps = [template("{{ text }}"), jsonata("json.nope"), template("never")];
  expect((await run(steps)).failed).toMatch(/^step 2 \(jsonata\) gives nothing/);
});

it("a body that cannot be looked into is a failure that says so", async () => {
  const size = 2 * 1024 * 1024;
  const large = await run(template("{{ event.path }}"), "", { body: null, size });
  expect(large.failed).toContain(`the body has ${size} bytes`);
  const gone = await run(template("{{ event.path }}"), "", { body: null, size: 10 });
  expect(gone.failed).toContain("the stored body is missing");
  expect(await run(template("[{{ text }}]"), "", { body: null })).toMatchObject({ text: "[]" });
});

it("a failure's text hides one-time codes and is short", async () => {
  const body = JSON.stringify({ message: CODE });
  const { failed } = await run(jsonata("$error(sms.text & $pad('', 1000, 'x'))"), body);
  expect(failed).toContain("인증번호 ******");
  expect(failed).not.toContain("482917");
  expect(failed?.length).toBeLessThan(330);
});

it("a text is well-formed when it is sent", async () => {
  const body = '{"a":"\\ud83d"}';
  expect(await run(jsonata("json.a"), body)).toMatchObject({ text: "\ufffd" });
});

it.each([
  [[], "has no step"],
  [{}, "expected array"],
  [Array.from({ length: 11 }, () => template("x")), "<=10"],
  [[null], "0.kind: is none of: jsonata, template, script"],
  [[{ kind: "lua", code: "x" }], "0.kind: is none of: jsonata, template, script"],
  [[{ kind: "__proto__" }], "0.kind: is none of"],
  [[template("x"), { kind: "script", code: "x", timeout: 1 }], "1.timeout: is unknown"],
  [[{ kind: "jsonata" }], "0.expression: "],
  [[{ kind: "template", template: "x", contentType: "text" }], "0.contentType: is no content type"],
  [[{ kind: "template", template: "x", contentType: "text/plain\r\nx: y" }], "0.contentType: "],
  [[{ kind: "template", template: "x".repeat(16_385) }], "0.template: "],
  [[{ kind: "script", code: "x".repeat(65_537) }], "0.code: "],
  [
    Array.from({ length: 3 }, () => ({ kind: "script", code: "x".repeat(60_000) })),
    "is longer than",
  ],
])("a transform %# is refused by its place", (transform, why) => {
  expect(refusals(transform).join("\n")).toContain(why);
});

it("a stored transform of another version is read as far as it can be, or says what is wrong", () => {
  const broken = [{ kind: "template", template: "{{ a | of_a_newer_version }}" }];
  expect(parseTransform(broken)).toEqual({ steps: broken });
  expect(parseTransform([{ kind: "lua" }])).toEqual({
    refused: "transform.0.kind: is none of: jsonata, template, script",
  });
});
