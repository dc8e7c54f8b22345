import { expect, test } from "vitest";
import { listChromium } from "../../src/local/chromium.ts";
import { SAMPLE_BODY } from "../../src/local/constants.ts";
import { eventLine } from "../../src/local/event-lines.ts";
import { messagesIn } from "../../src/local/messages.ts";
import { happeningLine, stepLine } from "../../src/local/portal-lines.ts";
import { welcomeText } from "../../src/local/print-welcome.ts";
import { createRedactor, secretValues, withoutSenderKeys } from "../../src/local/redact.ts";
import { readSettings } from "../../src/local/settings.ts";
import { REASON_NAMES } from "../../src/session-pairs/index.ts";

const english = messagesIn("en");
const korean = messagesIn("ko");
const secrets = { masterKey: "m", organizationId: "org_1", apiKey: "bt_full", pageKey: "bt_page" };

const delivery = {
  level: "debug",
  event: "delivery",
  eventId: "evt_1",
  host: "demo.localhost:8787",
  method: "POST",
  path: "/card",
  rule: "everything",
  destination: "receiver",
  status: "succeeded",
  attempt: 1,
  responseStatus: 200,
};

test.each([
  [
    "a delivery",
    delivery,
    "demo.localhost:8787 → everything → receiver → succeeded (200, POST /card)",
  ],
  [
    "a failed try",
    { ...delivery, status: "retrying", attempt: 2, responseStatus: 500, reason: "status_500" },
    "demo.localhost:8787 → everything → receiver → retrying (500, status_500, #2, POST /card)",
  ],
  [
    "a replay without a rule",
    { ...delivery, rule: null, status: "failed", responseStatus: undefined, reason: "timeout" },
    "demo.localhost:8787 → (by hand) → receiver → failed (timeout, POST /card)",
  ],
  [
    "an event that no rule matched",
    { level: "debug", event: "unmatched", eventId: "evt_1", host: "a", method: "GET", path: "/x" },
    "a → no rule matched → – → kept (GET /x)",
  ],
  [
    "a stray",
    { event: "stray", host: "b", method: "GET", path: "/y", reason: "unknown_source" },
    "b → no source → – → kept (GET /y, unknown_source)",
  ],
])("event lines: %s is one line", (_, fields, line) => {
  expect(eventLine(JSON.stringify(fields), english)).toBe(line);
  expect(eventLine(`[baton-consumer] ${JSON.stringify(fields)}`, english)).toBe(line);
});

const step = { level: "info", event: "portal_step", portalId: "prt_1", slot: "A" };

test.each([
  [{ step: "login_started", fence: 1, cause: "first" }, "portal → session A → login begins"],
  [{ step: "code_claimed", waitedMs: 4_210 }, "SMS is there, code taken (4.2 s)"],
  [{ step: "login_done", ms: 6_234 }, "portal → session A → ready in 6.2 s"],
  [{ step: "login_failed", reason: "browser_died" }, "session A → login failed: browser_died"],
  [{ step: "promoted", cause: "session_over" }, "session A → is the primary now (session_over)"],
  [{ step: "started", slot: null }, "portal → kept from now on: two sessions"],
  [{ step: "a_step_of_tomorrow" }, "portal → session A → a_step_of_tomorrow"],
  [{ step: "constructor" }, "portal → session A → constructor"],
])("event lines: a step of a session pair, %j, is one line", (fields, text) => {
  const line = eventLine(`[baton-browser] ${JSON.stringify({ ...step, ...fields })}`, english);
  expect(line?.toLowerCase()).toContain(text.toLowerCase());
});

test("portal lines: what the simulated portal saw is one line, its code masked", () => {
  const at = 0;
  expect(happeningLine({ at, what: "sms_forwarded", code: "••••61", of: "200" }, english)).toBe(
    "  portal's site: the phone forwards SMS ••••61 to /webhook/sms → 200",
  );
  expect(happeningLine({ at, what: "unauthorised", of: "/api/me" }, english)).toBeUndefined();
  expect(happeningLine({ at, what: "locked" }, korean)).toBe("  포털 사이트: 계정 잠김");
});

test("event lines: a stranger's text cannot move the cursor or make a second line", () => {
  const line = eventLine(JSON.stringify({ ...delivery, path: "/\u001b[2J\n\u202ex" }), english);
  expect(line).toBe("demo.localhost:8787 → everything → receiver → succeeded (200, POST / [2J x)");
});

test.each([
  ["wrangler's request log", "[wrangler:info] GET /health 200 OK (5ms)"],
  ["a debug line of another kind", '{"level":"debug","event":"job","job":"sweep"}'],
  ["text that only looks like JSON", '{"event":"delivery"'],
  ["a delivery without its fields", '{"level":"debug","event":"delivery"}'],
  ["an empty line", ""],
])("event lines: %s is not for the terminal", (_, output) => {
  expect(eventLine(output, english)).toBeUndefined();
});

test("event lines: errors of the Workers and of wrangler are one line", () => {
  expect(eventLine('{"level":"error","event":"batch_failed","error":"boom"}', english)).toBe(
    'Worker error: {"level":"error","event":"batch_failed","error":"boom"}',
  );
  expect(eventLine("✘ [ERROR] Build failed with 3 errors:", english)).toBe(
    "Worker error: Build failed with 3 errors:",
  );
});

test("welcome: the form that works everywhere comes first, the wildcard form second", () => {
  const text = welcomeText({ settings: readSettings({}, english), secrets, say: english });
  const first = text.indexOf("curl -X POST 'http://localhost:8787/in/demo/");
  const second = text.indexOf("curl -X POST 'http://demo.localhost:8787/");
  expect(first).toBeGreaterThan(0);
  expect(second).toBeGreaterThan(first);
  const phone = text.indexOf('curl -d \'{"message":');
  expect(phone).toBeGreaterThan(second);
  expect(text).toContain(`curl -d '${SAMPLE_BODY}' 'http://localhost:8787/webhook/sms'`);
  expect(text).toContain("bt_full");
  expect(text).not.toContain("bt_page");
  expect(JSON.parse(SAMPLE_BODY).message).toContain("승인");
});

test("welcome: BATON_PUBLIC_URL is used in printed URLs, LAN addresses are listed for 0.0.0.0", () => {
  const env = { BATON_PUBLIC_URL: "https://tunnel.example.com/", BATON_HOST: "0.0.0.0" };
  const text = welcomeText({
    settings: readSettings(env, english),
    secrets,
    say: english,
    lanAddresses: ["192.168.0.7"],
  });
  expect(text).toContain("curl -X POST 'https://tunnel.example.com/in/demo/card'");
  expect(text).toContain("http://192.168.0.7:8787/in/demo/card");
  expect(text).toContain("'https://tunnel.example.com/webhook/sms'");
  expect(text).toContain("http://192.168.0.7:8787/webhook/sms");
});

test("welcome: the simulated portal is linked, with a way to see a failover", () => {
  const portal = { url: "http://127.0.0.1:41234", username: "partner-demo" };
  const settings = readSettings({}, english);
  const text = welcomeText({ settings, secrets, say: english, portal });
  expect(text).toContain("http://127.0.0.1:41234/login (account: partner-demo)");
  expect(text).toContain(`curl -d '{"count":1}' 'http://127.0.0.1:41234/__control/expire'`);
  expect(welcomeText({ settings, secrets, say: english })).not.toContain("__control");
});

test("messages: Korean says the same as English, with the same values in it", () => {
  expect(Object.keys(korean)).toEqual(Object.keys(english));
  for (const group of ["steps", "happenings"] as const) {
    expect(Object.keys(korean.portals[group])).toEqual(Object.keys(english.portals[group]));
  }
  expect(korean.portInUse(8787, "BATON_PORT=8797 npm start")).toContain(
    "BATON_PORT=8797 npm start",
  );
  const text = welcomeText({ settings: readSettings({}, korean), secrets, say: korean });
  expect(text).toContain("API 키");
  expect(eventLine(JSON.stringify(delivery), korean)).toBe(
    "demo.localhost:8787 → everything → receiver → 성공 (200, POST /card)",
  );
});

test("redaction: a sender's key goes out of wrangler's line for its request, and out of no other line", () => {
  const clean = createRedactor([]);
  const line = (path: string) => `[wrangler:info] POST ${path} 202 Accepted (3ms)`;
  for (const before of ["/~", "/in/erp/~", "/%7E", "/services/T0/B0/", "/webhook/sms/"]) {
    expect(clean(line(`${before}secret/a`))).toBe(line(`${before}[redacted]/a`));
    expect(clean(line(`${before}secret`))).toBe(line(`${before}[redacted]`));
  }
  for (const text of [line("/services/T0/B0"), line("/a"), '{"path":"/~kim/public"}']) {
    expect(clean(text)).toBe(text);
  }
});

test("wrangler's list of variables shows no secret, however short it is", () => {
  const clean = createRedactor([]);
  expect(clean('env.PORTAL_PASSWORD ("hunter2")   Environment Variable')).not.toContain("hunter2");
  expect(clean('env.BAEMIN_USERNAME ("ow)ner")')).not.toContain("ner");
  expect(clean('env.LOG_LEVEL ("debug")')).toBe('env.LOG_LEVEL ("debug")');
});

test("redaction: secrets go, whole or cut off; other text stays", () => {
  const clean = createRedactor(["abcdefghijklmnop", "short"]);
  expect(clean('env.MASTER_KEY ("abcdefghijkl...") x')).toBe('env.MASTER_KEY ("[redacted]") x');
  expect(clean("abcdefghijklmnop short")).toBe("[redacted] short");
  expect(secretValues({ SLACK_TOKEN: "t", APP_URL: "u", MY_PASSWORD: "p" })).toEqual(["t", "p"]);
});

test("redaction: senders' keys go, wherever they stand in a URL", () => {
  for (const line of [
    "POST /in/a/~bts_k-1/x 200",
    "POST /webhook/sms/~k-1 200",
    "x /webhook?key=bts_k-1",
  ]) {
    expect(withoutSenderKeys(line)).not.toContain("k-1");
  }
  expect(withoutSenderKeys('{"path":"/webhook/sms/card"}')).toBe('{"path":"/webhook/sms/card"}');
  expect(withoutSenderKeys("POST /webhook/sms 200 OK")).toBe("POST /webhook/sms 200 OK");
});

test("chromium: BATON_CHROMIUM is taken at its word, else what is installed, then the npm package", () => {
  const only =
    (...paths: string[]) =>
    (asked: string) =>
      paths.includes(asked);
  const file = (path: string) => ({ from: "file", path });
  expect(listChromium({ BATON_CHROMIUM: "/opt/c" }, only("/opt/c"))).toEqual([file("/opt/c")]);
  expect(listChromium({ BATON_CHROMIUM: "/opt/c" }, only("/usr/bin/chromium"))).toEqual([]);
  expect(listChromium({ BATON_CHROMIUM: "npm" }, () => true)).toEqual([{ from: "package" }]);
  const installed = ["/usr/bin/chromium", "/usr/bin/google-chrome"];
  expect(listChromium({}, only(...installed))).toEqual(installed.map(file));
  expect(listChromium({}, () => true).at(-1)).toEqual({ from: "package" });
  expect(listChromium({}, () => false)).toEqual([]);
});

test("Korean lines of a portal's sessions say why in words", () => {
  for (const reason of REASON_NAMES) {
    const line = stepLine(
      { event: "portal_step", slot: "A", step: "login_failed", reason },
      korean,
    );
    expect(line).toMatch(/[가-힣]/);
    expect(line).not.toContain(reason);
  }
  const promoted = {
    event: "portal_step",
    slot: "B",
    step: "promoted",
    cause: "rotation",
  } as const;
  expect(stepLine(promoted, korean)).toBe("포털 → 세션 B → 주 세션이 됨(만료 전에 교대)");
});
