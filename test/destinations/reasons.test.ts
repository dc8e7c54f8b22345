import { expect, it } from "vitest";
import { Attempt } from "../../src/deliveries/schemas.ts";
import { REASONS } from "../../src/destinations/reasons.ts";

it("an attempt's reason is one of the closed list", () => {
  expect(Attempt.shape.reason.unwrap().options).toEqual([...REASONS]);
  expect(Attempt.shape.reason.safeParse("whatever").success).toBe(false);
});
