import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openEvents } from "../../src/db/client.ts";
import { findUnrouted } from "../../src/deliveries/sweep-queries.ts";
import { BODY, VECTORS } from "../verification/vectors.ts";
import { discordPublicKey, hmac, hmacHex, SECRET, signEd25519, signed } from "./sign.ts";
import { count, edgeEnv, makeSource, randomBytes, send, sendWith, storedEvent } from "./support.ts";

const github = { preset: "github" as const, secrets: [SECRET] };
const good = VECTORS.find(({ name }) => name === "github")?.headers ?? {};
const bad = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` };

beforeAll(async () => {
  await makeSource("vhub", { verification: github, organizationId: "org_hub" });
  await makeSource("vkeep", { verification: { ...github, onFailure: "store" } });
  await makeSource("vslack", { verification: { preset: "slack", secrets: ["slack-secret"] } });
  await makeSource("vdiscord", {
    verification: { preset: "discord", secrets: [discordPublicKey()] },
  });
  const verifyToken = "meta-token";
  await makeSource("vmeta", { verification: { preset: "meta", secrets: ["s"], verifyToken } });
  await makeSource("vx", { verification: { preset: "x", secrets: ["x-secret"] } });
});

/** A queue that remembers what was sent. */
function fakeQueue() {
  const sent: unknown[] = [];
  const queue = { send: async (task: unknown) => void sent.push(task) };
  return { sent, EVENTS_QUEUE: queue as unknown as EdgeEnv["EVENTS_QUEUE"] };
}

function post(headers: HeadersInit, body: BodyInit = BODY): RequestInit {
  return { method: "POST", headers, body };
}

describe("a good signature", () => {
  it("stores the event byte for byte, and names the preset as sender", async () => {
    const response = await send(
      "http://vhub.localhost/p",
      post({ ...good, "user-agent": "GitHub-Hookshot" }),
    );
    expect(response.status).toBe(202);
    const event = await storedEvent(response);
    expect(new TextDecoder().decode(new Uint8Array(event.body ?? new ArrayBuffer(0)))).toBe(BODY);
    expect([event.status, event.routed_at]).toEqual(["stored", null]);
    expect(event.sender_name).toBe("github: GitHub-Hookshot");
  });

  it("works over bytes that are no text, and over a body that goes to R2", async () => {
    const body = randomBytes(300 * 1024);
    const headers = { "x-hub-signature-256": `sha256=${await hmacHex(SECRET, body)}` };
    const response = await send("http://vhub.localhost/big", post(headers, body));
    expect(response.status).toBe(202);
    const event = await storedEvent(response);
    const kept = await edgeEnv.BODIES.get(event.body_key ?? "");
    expect(new Uint8Array((await kept?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(body);
  });

  it("a gzip body is verified as it came, and stays so", async () => {
    const stream = new Blob(["hello ".repeat(1000)]).stream();
    const zipped = stream.pipeThrough(new CompressionStream("gzip"));
    const body = new Uint8Array(await new Response(zipped).arrayBuffer());
    const headers = { ...(await signed(body)), "content-encoding": "gzip" };
    const event = await storedEvent(await send("http://vhub.localhost/gz", post(headers, body)));
    expect([new Uint8Array(event.body ?? new ArrayBuffer(0)), event.sender_name]).toEqual([
      body,
      "github: unknown",
    ]);
  });
});

describe("reject", () => {
  let events: number;
  beforeEach(async () => {
    events = await count("events");
  });

  it.each([
    ["a wrong signature", bad, "signature"],
    ["no signature", {}, "header"],
  ])("%s: 401, no event, no task, a stray of the organization", async (_, headers, check) => {
    const strays = await count("strays", "reason = 'verification_failed'");
    const { sent, EVENTS_QUEUE } = fakeQueue();
    const response = await sendWith({ EVENTS_QUEUE }, "http://vhub.localhost/p?q=1", post(headers));
    expect(response.status).toBe(401);
    expect(response.headers.get("x-baton-event-id")).toBeNull();
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ status: 401, check });
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(good["x-hub-signature-256"]?.slice(7) ?? "?");
    expect([await count("events"), sent]).toEqual([events, []]);
    expect(await count("strays", "reason = 'verification_failed'")).toBe(strays + 1);
    const stray = await edgeEnv.EVENTS_0.prepare(
      "SELECT organization_id, path, query, size FROM strays ORDER BY id DESC LIMIT 1",
    ).first();
    expect(stray).toEqual({ organization_id: "org_hub", path: "/p", query: "q=1", size: 31 });
  });

  it("settings that cannot be opened let nothing in: 503", async () => {
    const INGEST_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const response = await sendWith({ INGEST_KEY }, "http://vhub.localhost/", post(good));
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "60"]);
    expect(await count("events")).toBe(events);
  });
});

it("gitlab: the token, which is the secret, is neither stored with the event nor with the stray", async () => {
  const token = "gitlab-secret-token";
  await makeSource("vgitlab", { verification: { preset: "gitlab", secrets: [token] } });
  const response = await send(
    "http://vgitlab.localhost/",
    post({ "x-gitlab-token": token, "x-a": "1" }),
  );
  const { headers } = await storedEvent(response);
  expect([response.status, headers]).toEqual([202, expect.stringContaining("x-a")]);
  expect(headers).not.toContain("gitlab");
  await send("http://vgitlab.localhost/", post({ "x-gitlab-token": `${token}-old` }));
  expect(await count("strays", "host = 'vgitlab.localhost'")).toBe(1);
  expect(await count("strays", `headers LIKE '%${token}%'`)).toBe(0);
});

it("gitlab: the token is in no stray either when the source is off, gone, or was never there", async () => {
  const verification = { preset: "gitlab" as const, secrets: ["gitlab-stray-token"] };
  await makeSource("vgitoff", { enabled: false, verification });
  await edgeEnv.DB.prepare("INSERT INTO reserved_names VALUES ('slug', 'vgitgone', 'org_test', ?)")
    .bind(Date.now() + 60_000)
    .run();
  for (const slug of ["vgitoff", "vgitgone", "vgitnone"]) {
    const headers = { "x-gitlab-token": "gitlab-stray-token", "x-a": "1" };
    expect((await send(`http://${slug}.localhost/`, post(headers))).status).toBe(404);
    const host = `host = '${slug}.localhost'`;
    expect(await count("strays", `${host} AND headers LIKE '%x-a%'`)).toBe(1);
    expect(await count("strays", `${host} AND headers LIKE '%gitlab%'`)).toBe(0);
  }
});

it("store: the event is `rejected`, counts as routed, and no task is sent", async () => {
  const { sent, EVENTS_QUEUE } = fakeQueue();
  const response = await sendWith({ EVENTS_QUEUE }, "http://vkeep.localhost/", post(bad));
  expect(response.status).toBe(202);
  const event = await storedEvent(response);
  expect([event.status, event.routed_at]).toEqual(["rejected", expect.any(Number)]);
  expect(event.sender_name).not.toContain("github");
  expect(sent).toEqual([]);
  const unrouted = await findUnrouted(openEvents(edgeEnv.EVENTS_0), -60_000);
  expect(unrouted.map(({ eventId }) => eventId)).not.toContain(event.id);
});

describe("challenges are answered, and no event is stored", () => {
  let before: number;
  beforeEach(async () => {
    before = await count("events");
  });

  async function expectAnswer(response: Response, body: string) {
    expect([response.status, await response.text()]).toEqual([200, body]);
    expect(response.headers.get("content-security-policy")).toBe("sandbox");
    expect(await count("events")).toBe(before);
  }

  it("Slack url_verification, when it is signed", async () => {
    const body = '{"type":"url_verification","challenge":"abc"}';
    const time = String(Math.floor(Date.now() / 1000));
    const mac = await hmacHex("slack-secret", new TextEncoder().encode(`v0:${time}:${body}`));
    const headers = { "x-slack-request-timestamp": time, "x-slack-signature": `v0=${mac}` };
    await expectAnswer(await send("http://vslack.localhost/", post(headers, body)), "abc");
    const forged = { ...headers, "x-slack-signature": `v0=${"0".repeat(64)}` };
    expect((await send("http://vslack.localhost/", post(forged, body))).status).toBe(401);
  });

  it("Discord ping, when it is signed", async () => {
    const body = '{"type":1}';
    const time = String(Math.floor(Date.now() / 1000));
    const signature = await signEd25519(`${time}${body}`);
    const headers = { "x-signature-timestamp": time, "x-signature-ed25519": signature };
    await expectAnswer(await send("http://vdiscord.localhost/", post(headers, body)), body);
    const forged = { ...headers, "x-signature-ed25519": "0".repeat(128) };
    expect((await send("http://vdiscord.localhost/", post(forged, body))).status).toBe(401);
  });

  it("Discord: the ping of Webhook Events, but not an event of theirs", async () => {
    const time = String(Math.floor(Date.now() / 1000));
    const sendSigned = async (body: string) => {
      const signature = await signEd25519(`${time}${body}`);
      const headers = { "x-signature-timestamp": time, "x-signature-ed25519": signature };
      return send("http://vdiscord.localhost/", post(headers, body));
    };
    const ping = await sendSigned('{"version":1,"type":0}');
    expect([ping.status, await ping.text(), await count("events")]).toEqual([204, "", before]);
    const event = await sendSigned('{"version":1,"type":1,"event":{"type":"ENTITLEMENT_CREATE"}}');
    expect([event.status, await count("events")]).toEqual([202, before + 1]);
  });

  it("Meta hub.challenge, with the right token only", async () => {
    const url = "http://vmeta.localhost/?hub.mode=subscribe&hub.challenge=42&hub.verify_token=";
    await expectAnswer(await send(`${url}meta-token`), "42");
    expect((await send(`${url}wrong`)).status).toBe(401);
  });

  it("X CRC", async () => {
    const mac = await hmac("x-secret", new TextEncoder().encode("token-1"));
    const response_token = `sha256=${btoa(String.fromCharCode(...mac))}`;
    const response = await send("http://vx.localhost/?crc_token=token-1");
    expect(response.headers.get("content-type")).toBe("application/json");
    await expectAnswer(response, JSON.stringify({ response_token }));
  });
});
