import { describe, expect, it } from "vitest";
import { answerHeaders } from "../../../src/portal-http/answer-headers.ts";
import {
  filledHeaders,
  healthRequest,
  logoutRequest,
  requestFault,
  requestHeaders,
  valuesFrom,
} from "../../../src/portal-http/index.ts";
import { cookieWith, definitionWith, snapshotWith } from "./support.ts";

const url = "https://partner.example.com/api/list";

function sent(headers: Record<string, string>, changes = {}, values = {}) {
  const request = { method: "POST", url, headers, body: null };
  const all = requestHeaders(definitionWith(changes), snapshotWith({ values }), request);
  return Object.fromEntries(all.map(({ name, value }) => [name, value]));
}

describe("templates", () => {
  it("fill in values, several in one header", () => {
    const filled = filledHeaders(
      { "Center-Id": "c-{value.center}/{value.shop}", plain: "{not.a.value}" },
      { center: "7", shop: "$&" },
    );
    expect(filled).toEqual({ "center-id": "c-7/$&", plain: "{not.a.value}" });
  });

  it.each([
    ["is missing", {}],
    ["is only inherited", Object.create({ center: "1" })],
    ["no header can hold", { center: "a\r\nx: 1" }],
    ["is not ASCII", { center: "서울" }],
  ])("a header whose value %s is left out", (_, values) => {
    expect(filledHeaders({ "center-id": "{value.center}" }, values)).toEqual({});
  });
});

describe("a request's headers", () => {
  it("the definition's with values, the caller's over them, the browser's over all", () => {
    const changes = {
      headers: { "center-id": "{value.center}", "x-app": "a", "user-agent": "no" },
    };
    const headers = sent({ "X-App": "b", "User-Agent": "curl" }, changes, { center: "7" });
    expect(headers).toEqual({
      accept: "*/*",
      "center-id": "7",
      "x-app": "b",
      "user-agent": "Mozilla/5.0 (Test)",
    });
  });

  it.each([
    "Cookie",
    "Host",
    "Connection",
    "Transfer-Encoding",
    "Content-Length",
    "Accept-Encoding",
    "Upgrade",
    "Proxy-Authorization",
    "X-Forwarded-For",
    "Set-Cookie",
  ])("%s is not the caller's", (name) => {
    expect(Object.keys(sent({ [name]: "x" }))).toEqual(["accept", "user-agent"]);
  });

  it("a caller's braces stay as they are", () => {
    expect(sent({ "x-a": "{value.center}" }, {}, { center: "7" })["x-a"]).toBe("{value.center}");
  });

  it("those that show something of the session are marked", () => {
    const changes = {
      headers: { "center-id": "{value.center}" },
      health: { url, headers: { "x-shop": "{value.center}" } },
    };
    const headers = {
      "x-shop": "7",
      authorization: "Bearer 1",
      "x-csrf-token": "1",
      "idempotency-key": "1",
      "content-type": "text/plain",
    };
    const request = { method: "POST", url, headers, body: null };
    const all = requestHeaders(
      definitionWith(changes),
      snapshotWith({ values: { center: "7" } }),
      request,
    );
    const secret = all.filter((header) => header.secret).map(({ name }) => name);
    expect(secret).toEqual(["center-id", "x-shop", "authorization", "x-csrf-token"]);
  });
});

describe("the definition's own requests", () => {
  const definition = definitionWith({
    health: {
      url: "https://partner.example.com/api/me",
      headers: { "x-center": "{value.center}" },
    },
    logout: { method: "POST", url, headers: { "center-id": "{value.center}" }, body: "끝" },
  });
  const snapshot = snapshotWith({ values: { center: "7" } });

  it("health", () => {
    expect(healthRequest(definition, snapshot)).toEqual({
      method: "GET",
      url: "https://partner.example.com/api/me",
      headers: { "x-center": "7" },
      body: null,
    });
  });

  it("logout, with its body as UTF-8; none when the site has none", () => {
    const request = logoutRequest(definition, snapshot);
    expect(request).toMatchObject({ method: "POST", url, headers: { "center-id": "7" } });
    expect(new TextDecoder().decode(request?.body ?? undefined)).toBe("끝");
    expect(logoutRequest(definitionWith(), snapshot)).toBeNull();
  });
});

describe("values of the session", () => {
  const definition = definitionWith({
    headers: { "x-csrf": "{value.csrf}" },
    values: {
      csrf: { from: "cookie", name: "XSRF" },
      center: { from: "localStorage", name: "centerId" },
      tab: { from: "sessionStorage", name: "tab" },
      name: { from: "element", selector: "#name" },
      gone: { from: "localStorage", name: "gone" },
    },
  });
  const storage = [
    {
      origin: "https://partner.example.com",
      local: [["centerId", "7"]] as [string, string][],
      session: [["tab", "t"]] as [string, string][],
    },
  ];

  it("are found in cookies and storage", () => {
    const cookies = [
      cookieWith({ name: "XSRF", value: "old" }),
      cookieWith({ name: "XSRF", value: "new", path: "/api" }),
      cookieWith({ name: "XSRF", value: "foreign", domain: ".ads.example" }),
    ];
    const found = valuesFrom(definition, { cookies, storage });
    expect(found).toEqual({ csrf: "new", center: "7", tab: "t" });
  });

  it("a cookie that has changed since the login counts as it is now", () => {
    const snapshot = snapshotWith({
      cookies: [cookieWith({ name: "XSRF", value: "second" })],
      values: { csrf: "first", name: "n" },
    });
    const request = { method: "GET", url, headers: {}, body: null };
    const headers = requestHeaders(definition, snapshot, request);
    expect(headers.find(({ name }) => name === "x-csrf")?.value).toBe("second");
  });
});

describe("an answer's headers", () => {
  const given = () =>
    new Headers([
      ["content-type", "text/html"],
      ["content-encoding", "gzip"],
      ["content-length", "9"],
      ["connection", "x"],
      ["transfer-encoding", "chunked"],
      ["set-cookie", "a=1"],
    ]);
  it("without cookies, the connection's, and a packing that is undone", () => {
    expect(answerHeaders(given(), "GET")).toEqual([["content-type", "text/html"]]);
  });
  it("of HEAD, and of another packing, as they came", () => {
    const names = (headers: Headers, method: string) =>
      answerHeaders(headers, method).map(([name]) => name);
    const whole = ["content-encoding", "content-length", "content-type"];
    expect(names(given(), "HEAD")).toEqual(whole);
    const zstd = given();
    zstd.set("content-encoding", "zstd");
    expect(names(zstd, "GET")).toEqual(whole);
  });
});

describe("requests that cannot be sent", () => {
  const fine = { method: "post", url, headers: { "x-a": "1" }, body: new Uint8Array([1]) };
  it.each([
    ["fine", {}, null],
    ["a method of proxies", { method: "CONNECT" }, "method"],
    ["no URL", { url: "/api" }, "url"],
    ["a user name", { url: "https://me:pw@partner.example.com/" }, "url"],
    ["another origin", { url: "https://partner.example.com:8443/" }, "url"],
    ["another scheme", { url: "ftp://partner.example.com/" }, "url"],
    ["GET with a body", { method: "get" }, "body"],
    ["GET with an empty body", { method: "GET", body: new Uint8Array() }, null],
    ["no header name", { headers: { "x a": "1" } }, "headers"],
    ["a value with a line end", { headers: { "x-a": "1\r\nx-b: 2" } }, "headers.x-a"],
    ["a value beyond ASCII", { headers: { "x-a": "서울" } }, "headers.x-a"],
  ])("%s", (_, changes, field) => {
    expect(requestFault(definitionWith(), { ...fine, ...changes })?.field ?? null).toBe(field);
  });
});
