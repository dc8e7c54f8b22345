import { expect, it } from "vitest";
import { type Call, nextCall } from "../../../src/portal-http/next-call.ts";

const body = new Uint8Array([1]);
const header = (name: string, secret = false) => ({ name, value: "x", secret });

function call(method: string): Call {
  return {
    method,
    url: new URL("https://partner.example.com/a/b?c=1"),
    headers: [header("accept"), header("content-type"), header("authorization", true)],
    body: method === "POST" || method === "PUT" ? body : null,
  };
}

it.each([
  [301, "POST", "GET"],
  [302, "POST", "GET"],
  [303, "POST", "GET"],
  [303, "PUT", "GET"],
  [303, "DELETE", "GET"],
  [303, "HEAD", "HEAD"],
  [301, "PUT", "PUT"],
  [302, "DELETE", "DELETE"],
  [302, "HEAD", "HEAD"],
  [307, "POST", "POST"],
  [308, "PUT", "PUT"],
])("%d of %s is asked with %s", (status, method, expected) => {
  const next = nextCall(call(method), status, "/next");
  const stays = method === expected;
  expect(next?.method).toBe(expected);
  expect(next?.body).toBe(stays ? call(method).body : null);
  expect(next?.headers.some(({ name }) => name === "content-type")).toBe(stays);
});

it.each([
  [200, "/next"],
  [300, "/next"],
  [304, "/next"],
  [302, null],
  [302, "http://["],
])("%d with Location %s is an end", (status, location) => {
  expect(nextCall(call("GET"), status, location)).toBeNull();
});

it.each([
  ["next", "https://partner.example.com/a/next"],
  ["?d=2", "https://partner.example.com/a/b?d=2"],
  ["//api.example.com/x", "https://api.example.com/x"],
  [
    String.fromCharCode(...new TextEncoder().encode("/목록")),
    "https://partner.example.com/%EB%AA%A9%EB%A1%9D",
  ],
])("Location %s", (location, url) => {
  expect(nextCall(call("GET"), 302, location)?.url.href).toBe(url);
});

it("what shows the session goes to no other origin", () => {
  const names = (location: string) =>
    nextCall(call("GET"), 307, location)?.headers.map(({ name }) => name);
  expect(names("/next")).toEqual(["accept", "content-type", "authorization"]);
  expect(names("https://api.example.com/")).toEqual(["accept", "content-type"]);
  expect(names("https://partner.example.com:8443/")).toEqual(["accept", "content-type"]);
});
