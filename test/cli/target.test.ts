import { expect, test } from "vitest";
import { CliError } from "../../src/cli/cli-error.ts";
import { keyOf, resolveTarget, type Sources } from "../../src/cli/target.ts";
import { textsIn } from "../../src/cli/texts.ts";

const say = textsIn("en");
const local = { path: "", url: "http://localhost:8787", key: "bt_local", running: true };
const file = { url: "https://app.example.com", key: "bt_file" };

function find(sources: Partial<Sources>) {
  return resolveTarget({ flags: {}, env: {}, local: undefined, file: undefined, ...sources }, say);
}

test.each<[string, Partial<Sources>, object]>([
  [
    "flags win over everything",
    { flags: { url: "http://f", key: "k" }, env: { BATON_URL: "http://e" }, local, file },
    { url: "http://f", key: "k" },
  ],
  [
    "the environment wins over files",
    { env: { BATON_URL: "http://e/", BATON_API_KEY: "k" }, local, file },
    { url: "http://e", key: "k" },
  ],
  [
    "a session that runs wins over the config file",
    { local, file },
    { url: local.url, key: local.key },
  ],
  ["one that does not run is passed over", { local: { ...local, running: false }, file }, file],
  ["the config file is the last", { file }, file],
  [
    "a key of its own goes to the session",
    { flags: { key: "k" }, local },
    { url: local.url, key: "k" },
  ],
  ["an empty variable says nothing", { env: { BATON_URL: "", BATON_API_KEY: "" }, file }, file],
  [
    "a kept key goes to the address it was kept for",
    { flags: { url: "https://app.example.com/" }, local, file },
    file,
  ],
  [
    "and to no other one",
    { flags: { url: "https://evil.example" }, local, file },
    { url: "https://evil.example", key: undefined },
  ],
  [
    "not to the same host by plain http either",
    { env: { BATON_URL: "http://app.example.com" }, file },
    { url: "http://app.example.com", key: undefined },
  ],
])("target: %s", (_, sources, expected) => {
  expect(find(sources)).toEqual(expected);
});

test.each<[string, Partial<Sources>, string]>([
  ["nothing is known", {}, say.errors.noTarget],
  [
    "only a session that does not run",
    { local: { ...local, running: false } },
    say.errors.notRunning,
  ],
  ["an address with a path", { flags: { url: "http://a/b" } }, say.errors.badUrl("http://a/b")],
  [
    "an address with a password",
    { flags: { url: "http://a:b@c/?key=d" } },
    say.errors.badUrl("http://c/"),
  ],
  ["one without a scheme", { flags: { url: "a:b@c:80" } }, say.errors.badUrl("c:80")],
  ["no address", { flags: { url: "localhost" } }, say.errors.badUrl("localhost")],
])("target: %s is refused with the remedy", (_, sources, message) => {
  expect(() => find(sources)).toThrow(new CliError(message));
});

test("a key that is missing or broken is said before a call, and never shown", () => {
  expect(() => keyOf({ url: "http://a" }, say)).toThrow(say.errors.noKey("http://a"));
  expect(() => keyOf({ url: "http://a", key: "bt_x\ny" }, say)).toThrow(say.errors.badKey);
});
