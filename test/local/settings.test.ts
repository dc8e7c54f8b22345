import { expect, test } from "vitest";
import { readArguments } from "../../src/local/arguments.ts";
import { languageOf } from "../../src/local/language.ts";
import { LocalError } from "../../src/local/local-error.ts";
import { messagesIn } from "../../src/local/messages.ts";
import { ROOT, readSettings } from "../../src/local/settings.ts";

const say = messagesIn("en");

test("settings: without variables everything has its default", () => {
  expect(readSettings({}, say)).toEqual({
    port: 8787,
    receiverPort: 8788,
    host: "127.0.0.1",
    state: `${ROOT}/.baton/state`,
    built: undefined,
    localFile: `${ROOT}/.baton/local.json`,
    publicUrl: undefined,
    tickMs: 60_000,
    vars: {},
    portalVars: {},
    origin: "http://127.0.0.1:8787",
    appUrl: "http://localhost:8787",
    ingestUrl: "http://{slug}.localhost:8787",
    receiverUrl: "http://127.0.0.1:8788",
  });
});

test("settings: BATON_STATE moves local.json too", () => {
  const settings = readSettings({ BATON_STATE: "/tmp/elsewhere" }, say);
  expect(settings.state).toBe("/tmp/elsewhere");
  expect(settings.localFile).toBe("/tmp/elsewhere/local.json");
});

test.each([
  ["127.0.0.1", "http://127.0.0.1:8787", "http://localhost:8787"],
  ["localhost", "http://127.0.0.1:8787", "http://localhost:8787"],
  ["0.0.0.0", "http://127.0.0.1:8787", "http://localhost:8787"],
  ["192.168.0.7", "http://192.168.0.7:8787", "http://192.168.0.7:8787"],
  ["::1", "http://[::1]:8787", "http://localhost:8787"],
])(
  "settings: with BATON_HOST=%s the session is reached at %s and called %s",
  (host, origin, appUrl) => {
    expect(readSettings({ BATON_HOST: host }, say)).toMatchObject({ origin, appUrl });
  },
);

test("settings: BATON_VAR_<NAME> becomes a variable, whatever its text", () => {
  const env = { BATON_VAR_LOG_LEVEL: "warn", BATON_VAR_ODD: 'a"b\nc$d', BATON_VAR_EMPTY: "" };
  expect(readSettings(env, say).vars).toEqual({ LOG_LEVEL: "warn", ODD: 'a"b\nc$d', EMPTY: "" });
});

test.each([
  ["BATON_PORT", "eighty", "e.g. 8787"],
  ["BATON_PORT", "0", "1 to 65535"],
  ["BATON_PORT", "70000", "1 to 65535"],
  ["BATON_PORT", "80.5", "whole number"],
  ["BATON_PORT", "8788", "differ"],
  ["BATON_RECEIVER_PORT", "-1", "e.g. 8788"],
  ["BATON_TICK_MS", "1m", "e.g. 60000"],
  ["BATON_TICK_MS", "0", "10 to 60000"],
  ["BATON_HOST", "example.com", "0.0.0.0"],
  ["BATON_LANG", "fr", "en or ko"],
  ["BATON_BUILT", "test", "npm run deploy -- --dry-run"],
  ["BATON_PUBLIC_URL", "tunnel.example.com", "e.g. https://"],
  ["BATON_PUBLIC_URL", "https://tunnel.example.com/path", "without a path"],
  ["BATON_PUBLIC_URL", "ftp://tunnel.example.com", "e.g. https://"],
  ["BATON_VAR_", "x", "BATON_VAR_LOG_LEVEL"],
  ["BATON_VAR_A-B", "x", "BATON_VAR_LOG_LEVEL"],
  ["BATON_VAR_LOG_LEVEL", "loud", "debug, info, warn, error"],
  ["BATON_VAR_CALLBACK_TTL_SECONDS", "90", "1 to 60"],
  ["BATON_VAR_QUEUE_TTL_SECONDS", "15 m", "e.g. 900"],
  ["BATON_VAR_KAKAO_CALLBACK_ORIGINS", "localhost:18443", "e.g. http://127.0.0.1:18443"],
  ["BATON_VAR_KAKAO_WAITING_TEXT", "a\n".repeat(600), "1000 characters"],
  ["BATON_VAR_CLIENT_URL", "https://chat.example.com/app", "e.g. https://chat.example.com"],
  ["BATON_VAR_COGNITO_REGION", "Seoul", "e.g. ap-northeast-2"],
  ["BATON_VAR_COGNITO_CLIENT_ID", "abc", "COGNITO_REGION"],
])("settings: %s=%s is refused in one line that says what to give", (name, value, remedy) => {
  const read = () => readSettings({ [name]: value }, say);
  expect(read).toThrow(LocalError);
  expect(read).toThrow(/^[^\n]+$/);
  expect(read).toThrow(remedy);
});

test.each([
  [{ CLIENT_URL: "*" }, "CLIENT_URL"],
  [{ COGNITO_REGION: "Seoul" }, "COGNITO_REGION"],
  [{ COGNITO_REGION: "us-east-1" }, "COGNITO_POOL_ID"],
  [
    { COGNITO_REGION: "us-east-1", COGNITO_POOL_ID: "us-east-1_a", COGNITO_CLIENT_ID: "-" },
    "COGNITO_CLIENT_ID",
  ],
  [
    { COGNITO_REGION: "us-east-1", COGNITO_POOL_ID: "us-east-1_a", COGNITO_ISSUER: "x" },
    "COGNITO_ISSUER",
  ],
])("settings: chat's %j is refused by the name of %s in both languages", (vars, name) => {
  const env = Object.fromEntries(
    Object.entries(vars).map(([key, value]) => [`BATON_VAR_${key}`, value]),
  );
  for (const messages of [say, messagesIn("ko")]) {
    expect(() => readSettings(env, messages)).toThrow(new RegExp(`^BATON_VAR_${name}=[^\n]+$`));
  }
});

test.each([
  [{ LANG: "ko_KR.UTF-8" }, "ko"],
  [{ LANG: "en_US.UTF-8" }, "en"],
  [{ LANG: "en_US.UTF-8", BATON_LANG: "ko" }, "ko"],
  [{ LANG: "ko_KR.UTF-8", BATON_LANG: "en" }, "en"],
  [{}, "en"],
])("language: %j speaks %s", (env, language) => {
  expect(languageOf(env)).toBe(language);
});

test("arguments: --once, --with-portal and --help are known, everything else is exit code 2", () => {
  const none = { once: false, withPortal: false, help: false };
  expect(readArguments([], say)).toEqual(none);
  expect(readArguments(["--once"], say)).toEqual({ ...none, once: true });
  expect(readArguments(["--with-portal"], say)).toEqual({ ...none, withPortal: true });
  expect(readArguments(["--help"], say)).toEqual({ ...none, help: true });
  expect(() => readArguments(["--once", "--with-portal"], say)).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining("leave one out") }),
  );
  expect(() => readArguments(["--onse"], say)).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining("Usage:") }),
  );
});
