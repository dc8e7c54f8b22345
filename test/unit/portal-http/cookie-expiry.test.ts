import { expect, it } from "vitest";
import { cookieExpiryThatMatters } from "../../../src/portal-http/index.ts";
import type { StoredCookie } from "../../../src/session-pairs/index.ts";
import { cookieWith, definitionWith, NOW, snapshotWith } from "./support.ts";

const HOUR = 3600;
const definition = definitionWith({ session: { deviceCookies: ["device"] } });
const login = { name: "sid", expires: NOW / 1000 + 8 * HOUR };
const soon = { expires: NOW / 1000 + HOUR };

it.each<[string, Partial<StoredCookie>[], number | null]>([
  ["the earliest of the login", [login, { ...soon, name: "token" }], HOUR],
  ["session cookies say nothing", [{ name: "sid" }], null],
  ["no cookies", [], null],
  ["another domain's", [login, { ...soon, domain: ".ads.example" }], 8 * HOUR],
  ["another path's", [login, { ...soon, path: "/shop" }], 8 * HOUR],
  ["a device's", [login, { ...soon, name: "device" }], 8 * HOUR],
  [
    "analytics of the site's own domain",
    [login, { ...soon, name: "_gat_UA1", domain: ".example.com" }],
    8 * HOUR,
  ],
  ["a bot protection's", [login, { ...soon, name: "__cf_bm" }], 8 * HOUR],
  ["a script's beside a server's", [login, { ...soon, name: "popup", httpOnly: false }], 8 * HOUR],
  ["a script's beside a session cookie", [{}, { ...soon, name: "popup", httpOnly: false }], null],
  ["all of scripts", [{ ...soon, name: "jwt", httpOnly: false }], HOUR],
  ["what had ended already", [login, { name: "old", expires: NOW / 1000 }], 8 * HOUR],
])("%s", (_, cookies, seconds) => {
  const snapshot = snapshotWith({ cookies: cookies.map(cookieWith) });
  const expected = seconds === null ? null : NOW + seconds * 1000;
  expect(cookieExpiryThatMatters(snapshot, definition)).toBe(expected);
});
