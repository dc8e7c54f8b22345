import { describe, expect, it } from "vitest";
import { cutKeys, maskKeys, readCandidates } from "../../src/ingest/sender-keys.ts";

const KEY = "bts_Abc-123_xyz";

function candidates(path: string, query = "", header?: string) {
  const headers = new Headers(header === undefined ? {} : { "x-baton-sender": header });
  return readCandidates({ path, query }, headers).map(({ key, isKey }) => [key, isKey]);
}

describe("readCandidates", () => {
  it.each<[string, string, string | undefined, [string, boolean][]]>([
    ["/", "", undefined, []],
    [`/~${KEY}/a`, "", undefined, [[KEY, true]]],
    [`/~${KEY}`, "", undefined, [[KEY, true]]],
    [`/%7E${KEY}/a`, "", undefined, [[KEY, true]]],
    [`/~bts%5FAbc-123_xyz/a`, "", undefined, [[KEY, true]]],
    ["/~bts%zz", "", undefined, [["bts%zz", false]]],
    ["/~kim/public", "", undefined, [["kim", false]]],
    [`/a/~${KEY}`, "", undefined, []],
    ["/~", "", undefined, []],
    ["/", `sender=${KEY}`, undefined, [[KEY, true]]],
    ["/", "a=1&sender=kim", undefined, [["kim", false]]],
    ["/", "senders=x&Sender=y", undefined, []],
    ["/", `a=1&key=${KEY}`, undefined, [[KEY, true]]],
    ["/", "key=7", undefined, []],
    ["/", "", "anything", [["anything", true]]],
  ])("%s ? %s, header %s", (path, query, header, expected) => {
    expect(candidates(path, query, header)).toEqual(expected);
  });

  it("tries no more than a few parameters", () => {
    const query = Array.from({ length: 1000 }, (_, i) => `sender=${i}`).join("&");
    expect(candidates("/", query)).toHaveLength(4);
  });
});

describe("cutKeys", () => {
  it.each<[string, string, string, string]>([
    [`/~${KEY}/a%2Fb/`, "b=%61&a=1&b", "/a%2Fb/", "b=%61&a=1&b"],
    [`/~${KEY}`, "", "/", ""],
    ["/a", `x=%7e&sender=${KEY}&y=a+b&&z`, "/a", "x=%7e&y=a+b&&z"],
    ["/a", `sender=${KEY}`, "/a", ""],
    ["/a", `s%65nder=bts%5FAbc-123_xyz&b=1`, "/a", "b=1"],
    ["/a", `sender=${KEY}&sender=${KEY}&sender=kim`, "/a", "sender=kim"],
    [`/~${KEY}/a`, "sender=bts_other", "/a", ""],
    ["/~kim/a", `sender=${KEY}`, "/~kim/a", ""],
    ["/a", `key=${KEY}&key=7&b=1`, "/a", "key=7&b=1"],
  ])("%s ? %s → %s ? %s", (path, query, barePath, bareQuery) => {
    expect(cutKeys({ path, query }, KEY)).toEqual({ path: barePath, query: bareQuery });
  });

  it("cuts a key of the sender's own everywhere", () => {
    const cut = cutKeys({ path: "/~own-secret/a", query: "b=1&sender=own-secret" }, "own-secret");
    expect(cut).toEqual({ path: "/a", query: "b=1" });
  });
});

it.each([
  [`/~${KEY}/a`, "/~bts_********/a"],
  ["/~bts%5Fabc%2D1/a", "/~bts_********/a"],
  ["sender=bts_abc&b=1", "sender=bts_********&b=1"],
  ["/subts/abc", "/subts/abc"],
])("maskKeys: %s → %s", (text, masked) => {
  expect(maskKeys(text)).toBe(masked);
});
