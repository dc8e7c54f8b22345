import { expect, it } from "vitest";
import { toAnswer } from "../../../src/portal-sessions/to-answer.ts";

const answer = (headers: [string, string][], body: string | number[]) =>
  toAnswer({
    kind: "answered",
    status: 200,
    headers,
    body: new Uint8Array(typeof body === "string" ? new TextEncoder().encode(body) : body),
    servedBy: { slot: "A", epoch: 3 },
  });

it.each<[string, string | number[], object]>([
  ["application/json", '{"a":"가"}', { body: '{"a":"가"}' }],
  ["application/vnd.api+json; charset=utf-8", "[]", { body: "[]" }],
  ["text/html", "<p>", { body: "<p>" }],
  ["text/html; charset=euc-kr", [0xb0, 0xa1], { bodyBase64: "sKE=" }],
  ["image/png", "png", { bodyBase64: "cG5n" }],
  ["application/octet-stream", "", { body: "" }],
])("a body of %s, %j", (type, body, expected) => {
  expect(answer([["Content-Type", type]], body)).toEqual({
    status: 200,
    headers: { "content-type": type },
    ...expected,
    servedBy: { slot: "A", epoch: 3 },
  });
});

it("no cookie of the session is handed on, nor what the connection is about", () => {
  const { headers } = answer(
    [
      ["Set-Cookie", "session=secret"],
      ["content-encoding", "gzip"],
      ["content-length", "9"],
      ["transfer-encoding", "chunked"],
      ["Connection", "close"],
      ["link", "<a>"],
      ["Link", "<b>"],
      ["x-total", "58"],
    ],
    "x",
  );
  expect(headers).toEqual({ link: "<a>, <b>", "x-total": "58" });
});

it("a packed body is handed on as it came, and the length of a HEAD's", () => {
  const packed = answer([["content-encoding", "zstd"]], "x");
  expect(packed).toMatchObject({ headers: { "content-encoding": "zstd" }, bodyBase64: "eA==" });
  expect(answer([["content-length", "58"]], "").headers).toEqual({ "content-length": "58" });
});
