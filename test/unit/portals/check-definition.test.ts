import { describe, expect, it } from "vitest";
import { checkDefinition } from "../../../src/portals/check-definition.ts";
import { SHIPPED_DEFINITIONS } from "../../../src/portals/shipped/index.ts";
import { sampleDefinition, sampleInput } from "./sample-definition.ts";

const { login } = sampleInput();
const goto = (url: string) => ({ ...login, steps: [{ do: "goto", url }, ...login.steps] });
const typing = (value: string) => ({
  ...login,
  steps: [...login.steps, { do: "fill", selector: "#more", value }],
});

it("a definition that holds together has no fault", () => {
  expect(checkDefinition(sampleDefinition())).toEqual([]);
  const more = {
    origins: ["{base}", "https://auth.example.com"],
    login: goto("https://auth.example.com/sso?next={base}"),
    headers: { "center-id": "{value.center}" },
    values: { center: { from: "localStorage", name: "center" } },
    sms: { pattern: "\\[Site\\] (?P<code>\\d{6})" },
    logout: { method: "POST", url: "/logout", body: '{"all":true}' },
  };
  expect(checkDefinition(sampleDefinition(more))).toEqual([]);
});

it.each(Object.entries(SHIPPED_DEFINITIONS))("the shipped %s holds together", (_, definition) => {
  expect(checkDefinition(definition)).toEqual([]);
});

const CASES: [what: string, changes: Record<string, unknown>, path: string, message: RegExp][] = [
  ["an origin with a path", { origins: ["{base}", "https://a.example/x"] }, "origins.1", /alone/],
  ["an origin that is none", { origins: ["{base}", "a.example"] }, "origins.1", /no origin/],
  ["a base that is not allowed", { origins: ["https://a.example"] }, "login.steps.0.url", /{base}/],
  ["another origin", { login: goto("https://evil.example/") }, "login.steps.0.url", /evil/],
  [
    "a name glued to the base",
    { login: goto("{base}.evil.example/") },
    "login.steps.0.url",
    /evil/,
  ],
  ["a user name in front", { login: goto("{base}@evil.example/") }, "login.steps.0.url", /evil/],
  ["a script", { login: goto("javascript:alert(1)") }, "login.steps.0.url", /origin/],
  ["a health request elsewhere", { health: { url: "http://a.example" } }, "health.url", /origins/],
  [
    "a code outside of its steps",
    { login: typing("{code}") },
    "login.steps.4.value",
    /code\.steps/,
  ],
  ["a value in what is typed", { login: typing("{value.x}") }, "login.steps.4.value", /headers/],
  ["a word of nobody", { login: typing("{pasword}") }, "login.steps.4.value", /nothing that is/],
  [
    "an extra without a name",
    { login: typing("{extra}") },
    "login.steps.4.value",
    /nothing that is/,
  ],
  ["a password in a header", { headers: { x: "{password}" } }, "headers.x", /what steps type/],
  ["a value that no place gives", { headers: { x: "{value.id}" } }, "headers.x", /among `values`/],
  [
    "a value that only has a prototype's name",
    { headers: { x: "{value.constructor}" } },
    "headers.x",
    /among `values`/,
  ],
  ["a cookie header", { headers: { cookie: "a=b" } }, "headers.cookie", /decides/],
  ["a body of a GET", { health: { url: "/", body: "x" } }, "health.body", /GET/],
  ["a pattern that backtracks", { sms: { pattern: "(a)\\1" } }, "sms.pattern", /RE2/],
  ["a pattern without a group", { sms: { pattern: "\\d{6}" } }, "sms.pattern", /group/],
  [
    "a code that is never typed",
    { login: { ...login, code: { ...login.code, steps: [{ do: "click", selector: "#x" }] } } },
    "login.code.steps",
    /nowhere/,
  ],
];

describe("a fault names its field", () => {
  it.each(CASES)("%s", (_, changes, path, message) => {
    const errors = checkDefinition(sampleDefinition(changes));
    expect(errors.map((error) => error.path)).toContain(path);
    expect(errors.find((error) => error.path === path)?.message).toMatch(message);
  });

  it("one that is too large has no field", () => {
    const text = "x".repeat(1_000);
    const steps = Array.from({ length: 40 }, () => ({ do: "fill", selector: "#x", value: text }));
    const definition = sampleDefinition({
      login: {
        ...login,
        steps,
        code: { ...login.code, steps: [...login.code.steps, ...steps.slice(2)] },
      },
    });
    expect(checkDefinition(definition)).toMatchObject([
      { path: "", message: expect.stringContaining("65536") },
    ]);
  });
});
