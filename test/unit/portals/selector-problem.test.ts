import { expect, it } from "vitest";
import { checkDefinition } from "../../../src/portals/check-definition.ts";
import { selectorProblem } from "../../../src/portals/selector-problem.ts";
import { SHIPPED_DEFINITIONS } from "../../../src/portals/shipped/index.ts";
import { sampleDefinition, sampleInput } from "./sample-definition.ts";
import { BAD, GOOD } from "./selectors.ts";

it.each(GOOD)("%j is a selector", (selector) => expect(selectorProblem(selector)).toBeNull());

it.each(BAD)("%j is none", (selector) =>
  expect(selectorProblem(selector)).toEqual(expect.any(String)),
);

it("a definition's selectors are named by where they stand", () => {
  const { login } = sampleInput();
  const steps = [...login.steps, { do: "click", selector: "div[" }];
  const refusals = [{ when: { selector: "#1a" }, reason: "captcha" }];
  const values = { id: { from: "element", selector: "//b" } };
  const definition = sampleDefinition({ login: { ...login, steps, refusals }, values });
  expect(checkDefinition(definition).map(({ path }) => path)).toEqual([
    "login.steps.4.selector",
    "login.refusals.0.when.selector",
    "values.id.selector",
  ]);
});

it("those of the shipped ones can be read", () => {
  for (const definition of Object.values(SHIPPED_DEFINITIONS)) {
    expect(checkDefinition(definition)).toEqual([]);
  }
});
