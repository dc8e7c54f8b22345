import { expect, it } from "vitest";
import { mergeCookies } from "../../../src/portal-http/merge-cookies.ts";
import { cookieWith } from "./support.ts";

const named = (name: string, value: string) => cookieWith({ name, value });

it("what two answers have changed at once is all there", () => {
  const before = [named("a", "1"), named("b", "1"), named("c", "1")];
  const afterOne = [named("a", "2"), named("b", "1"), named("c", "1")];
  const afterTwo = [named("a", "1"), named("c", "1"), named("d", "1")];
  const one = mergeCookies(before, afterOne, before);
  expect(mergeCookies(before, afterTwo, one)).toEqual([
    named("a", "2"),
    named("c", "1"),
    named("d", "1"),
  ]);
});

it("an answer that changed nothing takes nothing back", () => {
  const before = [named("a", "1")];
  const newest = [named("a", "2"), named("b", "1")];
  expect(mergeCookies(before, before, newest)).toEqual(newest);
});

it("cookies of one name on two paths or partitions are two", () => {
  const root = cookieWith({});
  const shop = cookieWith({ path: "/shop" });
  const partition = cookieWith({ partitionKey: "https://example.com" });
  expect(mergeCookies([root], [root, shop, partition], [root])).toEqual([root, shop, partition]);
});
