import { describe, expect, it } from "vitest";
import { judge, matchesOut } from "../../../src/portal-http/index.ts";
import type { Judged } from "../../../src/portal-http/judge.ts";
import { matchesUrl } from "../../../src/portals/matches-url.ts";
import { definitionWith } from "./support.ts";

const definition = definitionWith({
  verdicts: {
    in: [{ status: [200], bodyContains: "로그아웃" }],
    out: [
      { status: [401, 403] },
      { url: "/login" },
      { status: [200], bodyContains: "세션이 만료", bodyLacks: "로그아웃" },
      { status: [503, 429] },
    ],
  },
});

function answer(status: number, body: string | Uint8Array = "", more = {}): Judged {
  return {
    kind: "answered",
    status,
    headers: [],
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    url: "https://partner.example.com/api/me",
    ...more,
  };
}

describe("verdicts", () => {
  it.each<[string, Judged, string, boolean]>([
    ["the marker of a logged-in page", answer(200, "<a>로그아웃</a>"), "in", false],
    ["a status that says so", answer(401), "out", true],
    [
      "a redirect to the login",
      answer(200, "로그아웃", { url: "https://partner.example.com/login?next=1" }),
      "out",
      true,
    ],
    ["a page that says so", answer(200, "세션이 만료되었습니다"), "out", true],
    ["all of a rule must hold", answer(200, "세션이 만료 … 로그아웃"), "in", false],
    ["a page that nobody has described", answer(200, "점검 중"), "inconclusive", false],
    ["another status", answer(404), "inconclusive", false],
    ["a site in trouble, whatever the rules", answer(503), "inconclusive", false],
    ["one that asks to come later", answer(429), "inconclusive", false],
    ["a time-out of the site's", answer(408, "세션이 만료"), "inconclusive", false],
    ["no answer", { kind: "failed" }, "inconclusive", false],
  ])("%s", (_, given, verdict, isOut) => {
    expect(judge(definition, given)).toBe(verdict);
    expect(matchesOut(definition, given)).toBe(isOut);
  });

  // "세션" in EUC-KR, and "뷁" in CP949 alone.
  const korean = new Uint8Array([0xbc, 0xbc, 0xbc, 0xc7, 0x94, 0xee]);
  const page = new Uint8Array([...new TextEncoder().encode('<meta charset="euc-kr">'), ...korean]);
  it.each<[string, Judged, string]>([
    [
      "its header",
      answer(200, korean, { headers: [["content-type", "text/html; charset=EUC-KR"]] }),
      "in",
    ],
    ["its page", answer(200, page), "in"],
    ["nothing: UTF-8", answer(200, korean), "inconclusive"],
    [
      "an unknown name: UTF-8",
      answer(200, "세션뷁", { headers: [["Content-Type", "x; charset=none"]] }),
      "in",
    ],
  ])("the charset of %s", (_, given, verdict) => {
    const verdicts = { in: [{ bodyContains: "세션뷁" }], out: [{ status: [401] }] };
    expect(judge(definitionWith({ verdicts }), given)).toBe(verdict);
  });
});

describe("globs of URLs", () => {
  it.each([
    ["/login", "https://a.kr/login", true],
    ["/login", "https://a.kr/login?next=%2F", true],
    ["/login", "https://a.kr/login/sms", false],
    ["/login*", "https://a.kr/login/sms", true],
    ["*/login", "https://a.kr/login", true],
    ["https://a.kr/login", "https://a.kr/login#x", true],
    ["https://a.kr/login", "https://b.kr/login", false],
    ["https://a.kr/*", "https://a.kr.evil.com/", false],
    ["/login?expired=*", "https://a.kr/login?expired=1", true],
    ["/login?expired=*", "https://a.kr/login", false],
    ["/#/home", "https://a.kr/#/home", true],
    ["*/partners", "https://a.kr/login?next=/partners", false],
    ["https://a.kr/partners*", "https://a.kr/partners?page=2#top", true],
    ["/", "about:blank", false],
    ["/login", "no address", false],
  ])("%s on %s", (glob, url, expected) => {
    expect(matchesUrl(glob, url)).toBe(expected);
  });
});
