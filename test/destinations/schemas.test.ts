import { describe, expect, it } from "vitest";
import { CreateDestination, PatchDestination } from "../../src/destinations/schemas.ts";

const HTTP = { name: "d", kind: "http", config: { url: "https://example.org/hook" } };
const SLACK_URL = "https://hooks.slack.com/services/T000/B000/XXXX";
const SECRET = `whsec_${btoa("x".repeat(24))}`;

function issuesOf(input: unknown): string {
  const issues = CreateDestination.safeParse(input).error?.issues ?? [];
  return issues
    .flatMap(({ path, message, ...issue }) => {
      const keys = issue.code === "unrecognized_keys" ? issue.keys : null;
      const paths = keys ? keys.map((key) => [...path, key]) : [path];
      return paths.map((at) => `${at.join(".")}: ${message}`);
    })
    .join("\n");
}

function withConfig(config: Record<string, unknown>) {
  return { ...HTTP, config: { ...HTTP.config, ...config } };
}

it("fills in the defaults of an http destination", () => {
  expect(CreateDestination.parse(HTTP)).toEqual({
    ...HTTP,
    enabled: true,
    config: {
      url: "https://example.org/hook",
      allowHttp: false,
      method: "same",
      appendPath: false,
      headers: {},
      timeoutMs: 15_000,
      forwardCredentials: false,
    },
  });
});

describe("later releases", () => {
  it.each(["nonsense", undefined])("refuses the kind %s", (kind) =>
    expect(issuesOf({ ...HTTP, kind })).toMatch(
      /^kind: .*`http`, `slack`, `discord`, `telegram`, `sens_sms`, `r2`, `channel`, `sms_code` and `listen`;/,
    ),
  );

  it("refuses an unknown field of a config", () => {
    expect(issuesOf(withConfig({ proxy: "x" }))).toMatch(/^config\.proxy: /);
  });

  it("refuses to change the kind", () => {
    expect(PatchDestination.safeParse({ kind: "slack" }).error?.issues).toMatchObject([
      { keys: ["kind"], message: "cannot be changed; create another destination" },
    ]);
  });
});

describe("retry.schedule", () => {
  it.each([[[0]], [[0, 2_592_000]], [Array.from({ length: 100 }, () => 1)]])(
    "takes %j",
    (schedule) => expect(issuesOf({ ...HTTP, retry: { schedule } })).toBe(""),
  );

  it.each([
    [[]],
    [[-1]],
    [[1.5]],
    [[2_592_001]],
    [["5"]],
    [[null]],
    [Array.from({ length: 101 }, () => 1)],
  ])("refuses %j", (schedule) => {
    expect(issuesOf({ ...HTTP, retry: { schedule } })).toMatch(/^retry\.schedule/);
  });
});

describe("http config", () => {
  it.each([
    { method: "POST" },
    { method: "same" },
    { timeoutMs: 1000 },
    { timeoutMs: 30_000 },
    { headers: { "X-Key": "v", authorization: "Bearer é" } },
    { sign: { scheme: "standard-webhooks", secret: SECRET } },
    { sign: { scheme: "standard-webhooks", secrets: [SECRET, SECRET] } },
  ])("takes %j", (config) => expect(issuesOf(withConfig(config))).toBe(""));

  it.each([
    [{ method: "CONNECT" }, "config.method"],
    [{ method: "post" }, "config.method"],
    [{ method: "TRACE" }, "config.method"],
    [{ timeoutMs: 999 }, "config.timeoutMs"],
    [{ timeoutMs: 30_001 }, "config.timeoutMs"],
    [{ timeoutMs: 1500.5 }, "config.timeoutMs"],
    [{ forwardCredentials: "yes" }, "config.forwardCredentials"],
    [{ headers: { "bad name": "v" } }, "config.headers.bad name"],
    [{ headers: { "": "v" } }, "config.headers."],
    [{ headers: { "x\r\ny": "v" } }, "config.headers"],
    [{ headers: { "x-a": "a\r\nb: c" } }, "config.headers.x-a"],
    [{ headers: { "x-a": "a\0" } }, "config.headers.x-a"],
    [{ headers: { "x-a": "한" } }, "config.headers.x-a"],
    [{ headers: { "x-a": 5 } }, "config.headers.x-a"],
    [{ headers: { "x-a": "1", "X-A": "2" } }, "config.headers.X-A"],
    [{ headers: { "x-secret": "********" } }, "config.headers.x-secret"],
    [
      { headers: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`x-${i}`, "v"])) },
      "config.headers",
    ],
    [{ sign: { scheme: "standard-webhooks" } }, "config.sign"],
    [{ sign: { scheme: "standard-webhooks", secret: SECRET, secrets: [SECRET] } }, "config.sign"],
    [{ sign: { scheme: "hmac", secret: SECRET } }, "config.sign.scheme"],
    [{ sign: { scheme: "standard-webhooks", secrets: [] } }, "config.sign.secrets"],
    [
      { sign: { scheme: "standard-webhooks", secrets: Array.from({ length: 6 }, () => SECRET) } },
      "config.sign.secrets",
    ],
    [{ sign: { scheme: "standard-webhooks", secret: "whsec_abc" } }, "config.sign.secret"],
    [{ sign: { scheme: "standard-webhooks", secret: "whsec_!!" } }, "config.sign.secret"],
    [{ sign: { scheme: "standard-webhooks", secret: btoa("x".repeat(24)) } }, "config.sign.secret"],
    [
      { sign: { scheme: "standard-webhooks", secret: `whsec_${btoa("x".repeat(23))}` } },
      "config.sign.secret",
    ],
    [
      { sign: { scheme: "standard-webhooks", secret: `whsec_${btoa("x".repeat(65))}` } },
      "config.sign.secret",
    ],
  ])("refuses %j", (config, path) => {
    expect(issuesOf(withConfig(config)).startsWith(`${path}`)).toBe(true);
  });

  it.each([32, 64])("takes an ed25519 secret of %i bytes", (size) => {
    const sign = { scheme: "standard-webhooks", secret: `whsk_${btoa("x".repeat(size))}` };
    expect(issuesOf(withConfig({ sign }))).toBe("");
  });

  it.each([
    ["31 bytes", btoa("x".repeat(31))],
    ["33 bytes", btoa("x".repeat(33))],
    ["no Base64", "!".repeat(44)],
    ["nothing", ""],
  ])("refuses an ed25519 secret of %s", (_, text) => {
    const sign = { scheme: "standard-webhooks", secret: `whsk_${text}` };
    expect(issuesOf(withConfig({ sign }))).toMatch(/config\.sign\.secret: use .whsec_.*whsk_/);
  });

  it.each([
    "host",
    "Content-Length",
    "connection",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
    "proxy-authorization",
    "expect",
    "cf-ray",
    "X-Forwarded-For",
    "webhook-id",
    "x-baton-hops",
  ])("refuses the header %s", (name) => {
    expect(issuesOf(withConfig({ headers: { [name]: "v" } }))).toMatch(/is set by Baton/);
  });
});

describe("slack config", () => {
  const slack = (url: unknown) => ({ name: "s", kind: "slack", config: { url } });

  it.each([
    SLACK_URL,
    "https://slack.example.org/any/hook",
    "http://127.0.0.1:9999/services/T0/B0/x",
    "http://localhost:9999/x",
  ])("takes %s", (url) => expect(issuesOf(slack(url))).toBe(""));

  it.each([
    "",
    5,
    "hooks.slack.com/services/T0/B0/x",
    "http://hooks.slack.com/services/T0/B0/x",
    "https://hooks.slack.com/services/T0/B0",
    "https://hooks.slack.com/workflows/T0/B0/x",
    "http://slack.example.org/hook",
    "https://hooks.slack.com/services/T000/B000/********",
  ])("refuses %j", (url) => expect(issuesOf(slack(url))).toMatch(/^config\.url/));

  it("refuses fields of an http config", () => {
    const input = { name: "s", kind: "slack", config: { url: SLACK_URL, headers: {} } };
    expect(issuesOf(input)).toMatch(/^config\.headers: /);
  });
});
