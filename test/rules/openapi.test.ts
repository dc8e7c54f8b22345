import { expect, it } from "vitest";
import { ruleRoutes } from "../../src/rules/routes.ts";

it("the OpenAPI document describes every route, and the steps of a transform", () => {
  const document = ruleRoutes.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Baton", version: "1" },
  });
  expect(Object.keys(document.paths ?? {}).sort()).toEqual([
    "/rules",
    "/rules/test",
    "/rules/{id}",
  ]);
  expect(Object.keys(document.components?.schemas ?? {})).toEqual(
    expect.arrayContaining([
      "Match",
      "JsonConditions",
      "SmsConditions",
      "CreateRule",
      "UpdateRule",
      "Rule",
      "TestRule",
      "Transform",
    ]),
  );
  const text = JSON.stringify(document);
  expect(text).toContain("$startsWith");
  expect(text).toContain('"transform":{"$ref":"#/components/schemas/Transform"}');
});
