import { beforeAll, describe, expect, it } from "vitest";
import { count, edgeEnv, makeSender, makeSource, send, sendWith, storedEvent } from "./support.ts";

const KEY = "bts_phone-of-kim";
const MESSAGE = '{"message":"승인 1,000원"}';
const WITH_DEFAULT = { DEFAULT_PHONE_SOURCE: "wdefault" };
let sender: string;

beforeAll(async () => {
  sender = await makeSender(await makeSource("wphone", { preset: "phone" }), KEY, { name: "Kim" });
  const asleep = await makeSource("wasleep", { preset: "phone", enabled: false });
  await makeSender(asleep, "bts_asleep");
  await makeSender(await makeSource("wother"), "bts_other");
  await makeSender(await makeSource("wblocked", { preset: "phone" }), "bts_blocked", {
    state: "blocked",
  });
  await makeSource("wdefault", { preset: "phone" });
  await makeSource("wgeneric");
});

const post = (path: string, headers: HeadersInit = {}, host = "http://localhost") =>
  send(`${host}${path}`, { method: "POST", headers, body: MESSAGE });

describe("a sender key at /webhook/sms names source and phone, and is cut off", () => {
  it.each<[string, string, HeadersInit, path: string, query: string]>([
    ["in the path", `/webhook/sms/${KEY}`, {}, "/webhook/sms", ""],
    ["in the path behind ~", `/webhook/sms/~${KEY}?a=1`, {}, "/webhook/sms", "a=1"],
    ["in the path, with more behind", `/webhook/sms/${KEY}/card`, {}, "/webhook/sms/card", ""],
    ["in the header", "/webhook/sms", { "x-baton-sender": KEY }, "/webhook/sms", ""],
    ["in the query as `sender`", `/webhook/sms?sender=${KEY}&a=1`, {}, "/webhook/sms", "a=1"],
    ["in the query as `key`", `/webhook/sms/?a=%20&key=${KEY}`, {}, "/webhook/sms", "a=%20"],
  ])("%s", async (_, path, headers, storedPath, query) => {
    for (const host of ["http://localhost", "http://192.168.0.7", "https://a.tunnel.example"]) {
      const response = await post(path, headers, host);
      expect(response.status).toBe(200);
      const event = await storedEvent(response);
      expect(await response.json()).toEqual({ ok: true, id: event.id });
      expect(event).toMatchObject({
        source_id: "src_wphone",
        sender_id: sender,
        sender_name: "Kim",
        sender_by: "key",
        path: storedPath,
        query,
      });
      expect(JSON.stringify(event)).not.toContain(KEY);
    }
  });

  it("also beside the number a message came from, and on the app's own domain name", async () => {
    const url = `https://app.localhost/webhook/sms?sender=15440000&message=a&key=${KEY}`;
    const event = await storedEvent(await send(url));
    expect(event).toMatchObject({ sender_id: sender, query: "sender=15440000&message=a" });
  });

  it("a blank message is refused as at the source itself", async () => {
    const response = await send(`http://localhost/webhook/sms/${KEY}`, { method: "POST" });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ ok: false }),
    ]);
  });
});

type Stray = {
  path: string;
  query: string;
  headers: string;
  reason: string;
  organization_id: string | null;
};
const lastStray = () =>
  edgeEnv.EVENTS_0.prepare("SELECT * FROM strays ORDER BY id DESC LIMIT 1").first<Stray>();

describe("refused with the remedy, kept as a stray without the key", () => {
  it.each<[string, string, HeadersInit, number, string, string | null]>([
    ["no key", "/webhook/sms", {}, 401, "sender_required", null],
    ["the number of a sender only", "/webhook/sms?sender=1544", {}, 401, "sender_required", null],
    ["a wrong key in the path", "/webhook/sms/wrong-key", {}, 401, "unknown_sender", null],
    [
      "a wrong key in the header",
      "/webhook/sms",
      { "x-baton-sender": "wrong-key" },
      401,
      "unknown_sender",
      null,
    ],
    ["a wrong key in the query", "/webhook/sms?a=1&key=wrong-key", {}, 401, "unknown_sender", null],
    [
      "a wrong sender in the query",
      "/webhook/sms?sender=bts_wrong-key",
      {},
      401,
      "unknown_sender",
      null,
    ],
    [
      "a key of a source that is off",
      "/webhook/sms/bts_asleep",
      {},
      404,
      "source_disabled",
      "org_test",
    ],
    [
      "a key of a source for others",
      "/webhook/sms/bts_other",
      {},
      401,
      "unknown_sender",
      "org_test",
    ],
  ])("%s", async (_, path, headers, status, reason, organizationId) => {
    const before = await count("events");
    const response = await post(path, headers);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      status,
      "application/problem+json",
    ]);
    const problem = (await response.json()) as { ok: boolean; detail: string };
    expect(problem.ok).toBe(false);
    expect(problem.detail).toMatch(/\/senders|Enable it|preset/);
    expect(await count("events")).toBe(before);
    const stray = await lastStray();
    expect(stray).toMatchObject({ path: "/webhook/sms", reason, organization_id: organizationId });
    expect(JSON.stringify({ ...stray, body: null })).not.toMatch(/wrong-key|bts_/);
  });

  it("a wrong key is no call without a key: the default source does not take it", async () => {
    const response = await sendWith(WITH_DEFAULT, "http://localhost/webhook/sms/wrong-key", {
      method: "POST",
      body: MESSAGE,
    });
    expect(response.status).toBe(401);
  });

  it("of many keys a few are tried: each asks the database", async () => {
    const wrong = Array.from({ length: 1000 }, (_, i) => `key=${i}`).join("&");
    let asked = 0;
    const DB = {
      prepare: (query: string) => {
        asked++;
        return edgeEnv.DB.prepare(query);
      },
    } as unknown as D1Database;
    const init = { method: "POST", body: MESSAGE };
    const response = await sendWith({ DB }, `http://localhost/webhook/sms?${wrong}`, init);
    expect(response.status).toBe(401);
    expect(asked).toBeLessThanOrEqual(6);
    expect(await lastStray()).toMatchObject({ query: "", reason: "unknown_sender" });
  });

  it("a blocked phone is refused and counted", async () => {
    const before = await count("sender_refusals");
    expect((await post("/webhook/sms/bts_blocked")).status).toBe(401);
    expect(await count("sender_refusals")).toBe(before + 1);
  });

  it("a database that cannot be asked is 503, no stray", async () => {
    const DB = {
      prepare: () => {
        throw new Error("D1 is down");
      },
    } as unknown as D1Database;
    const before = await count("strays");
    const init = { method: "POST", body: MESSAGE };
    const response = await sendWith({ DB }, "http://localhost/webhook/sms/bts_none", init);
    expect([response.status, await response.json()]).toEqual([
      503,
      expect.objectContaining({ ok: false }),
    ]);
    expect(await count("strays")).toBe(before);
  });
});

describe("without a key the deployment's default source takes it, if there is one", () => {
  const without = (overrides: Partial<EdgeEnv>, path = "/webhook/sms") =>
    sendWith(overrides, `http://localhost${path}`, { method: "POST", body: MESSAGE });

  it("named by DEFAULT_PHONE_SOURCE", async () => {
    const response = await without(WITH_DEFAULT, "/webhook/sms?sender=15440000");
    expect(await storedEvent(response)).toMatchObject({
      source_id: "src_wdefault",
      path: "/webhook/sms",
      query: "sender=15440000",
      sender_id: null,
    });
  });

  it("and a key still names its own", async () => {
    const response = await without(WITH_DEFAULT, `/webhook/sms/${KEY}`);
    expect((await storedEvent(response)).source_id).toBe("src_wphone");
  });

  it.each(["nobody", "wasleep", "wgeneric"])(
    "but not %s, which is none for phones",
    async (slug) => {
      expect((await without({ DEFAULT_PHONE_SOURCE: slug })).status).toBe(401);
    },
  );
});

it("on a source's own host the path is the source's", async () => {
  await makeSource("whost", { hostname: "sms.shop.kr" });
  for (const url of ["http://whost.localhost/webhook/sms/x", "https://sms.shop.kr/webhook/sms/x"]) {
    const response = await send(url, { method: "POST", body: "x" });
    expect(response.status).toBe(202);
    expect((await storedEvent(response)).path).toBe("/webhook/sms/x");
  }
});

describe("what belongs to the app host works at a phone source's own URL, and leaves no key there", () => {
  const OWN = "http://wphone.localhost";

  it.each([
    [`${OWN}/webhook/sms/${KEY}`, "/webhook/sms", ""],
    [`http://localhost/in/wphone/webhook/sms/~${KEY}/card`, "/webhook/sms/card", ""],
    [`${OWN}/?a=1&key=${KEY}`, "/", "a=1"],
  ])("%s", async (url, path, query) => {
    const response = await send(url, { method: "POST", body: MESSAGE });
    const event = await storedEvent(response);
    expect(event).toMatchObject({ sender_id: sender, sender_by: "key", path, query });
    expect(JSON.stringify(event)).not.toContain(KEY);
  });

  it("a key of our form that nobody has is 401, any other text is the source's path and query", async () => {
    for (const url of [`${OWN}/webhook/sms/bts_nobody`, `${OWN}/?key=bts_nobody`]) {
      expect((await send(url, { method: "POST", body: MESSAGE })).status).toBe(401);
      expect(JSON.stringify({ ...(await lastStray()), body: null })).not.toContain("bts_nobody");
    }
    const response = await send(`${OWN}/webhook/sms/card?key=7`, { method: "POST", body: MESSAGE });
    expect(await storedEvent(response)).toMatchObject({
      path: "/webhook/sms/card",
      query: "key=7",
    });
  });
});

it("a deployment that remembers sources asks once for a key", async () => {
  let asked = 0;
  const DB = {
    prepare: (query: string) => {
      asked++;
      return edgeEnv.DB.prepare(query);
    },
  } as unknown as D1Database;
  const production = { DB, BASE_DOMAIN: "example.com", APP_URL: "https://app.example.com" };
  const call = () =>
    sendWith(production, `https://app.example.com/webhook/sms/${KEY}`, {
      method: "POST",
      body: MESSAGE,
    });
  expect([(await call()).status, (await call()).status, asked]).toEqual([200, 200, 1]);
});
