import { describe, expect, it } from "vitest";
import { TestRule } from "../../src/rules/schemas.ts";
import { testRequestOf } from "../../src/rules/test-request.ts";

function requestOf(event: Record<string, unknown>) {
  const parsed = TestRule.parse({ match: {}, event: { method: "post", path: "/x", ...event } });
  if (!parsed.event) throw new Error("no event");
  return testRequestOf(parsed.event);
}

describe("a made-up event", () => {
  it("is empty where nothing is given", () => {
    expect(requestOf({})).toMatchObject({
      method: "POST",
      host: "",
      query: "",
      headers: [],
      senderName: "",
      contentType: null,
      size: 0,
    });
  });

  it.each([
    [{ query: "?a=1&a=2" }, { query: "a=1&a=2" }],
    [{ query: { 이름: "김 민수" } }, { query: "%EC%9D%B4%EB%A6%84=%EA%B9%80+%EB%AF%BC%EC%88%98" }],
    [{ headers: { "Content-Type": "text/plain" } }, { contentType: "text/plain" }],
    [
      {
        headers: [
          ["a", "1"],
          ["a", "2"],
        ],
      },
      {
        headers: [
          ["a", "1"],
          ["a", "2"],
        ],
      },
    ],
    [{ sender: "billing" }, { senderName: "billing" }],
    [{ sender: { id: "snd_1", name: "총무" } }, { senderName: "총무", senderId: "snd_1" }],
    [{ body: "승인" }, { size: 6 }],
    [{ bodyBase64: "/w==" }, { size: 1, body: new Uint8Array([0xff]) }],
    [{ receivedAt: "2026-11-21T09:00:00+09:00" }, {}],
  ])("%j → %j", (event, request) => {
    expect(requestOf(event)).toMatchObject(request);
  });
});
