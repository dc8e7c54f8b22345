import { beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import { discordPublicKey, SECRET, signed, signedByDiscord } from "./sign.ts";
import {
  count,
  edgeEnv,
  failingR2,
  makeSource,
  randomBytes,
  send,
  sendWith,
  storedEvent,
  streamOf,
} from "./support.ts";

const github = { preset: "github" as const, secrets: [SECRET] };
const bad = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` };

beforeAll(async () => {
  await makeSource("vhub", { verification: github });
  await makeSource("vkeep", { verification: { ...github, onFailure: "store" } });
  await makeSource("vdiscord", {
    verification: { preset: "discord", secrets: [discordPublicKey()] },
  });
});

function post(headers: HeadersInit, body: BodyInit): RequestInit {
  return { method: "POST", headers, body };
}

describe("a body above 1 MiB", () => {
  const large = randomBytes(6 * 1024 * 1024);
  const withLength = () => large;
  const withoutLength = () => streamOf(large);
  const stored = async () => [await count("events"), (await edgeEnv.BODIES.list()).objects.length];

  it.each([
    ["with a length", withLength],
    ["without one", withoutLength],
  ])("%s is verified on its way to R2", async (_, body) => {
    const response = await send("http://vhub.localhost/", post(await signed(large), body()));
    expect(response.status).toBe(202);
    const event = await storedEvent(response);
    expect([event.sender_name, event.size]).toEqual(["github: unknown", large.length]);
    const kept = await edgeEnv.BODIES.get(event.body_key ?? "");
    // By hash: to compare six million elements one by one takes longer than everything else here.
    const bytes = new Uint8Array((await kept?.arrayBuffer()) ?? new ArrayBuffer(0));
    expect([bytes.length, await sha256Hex(bytes)]).toEqual([large.length, await sha256Hex(large)]);
  });

  it.each([
    ["with a length", withLength],
    ["without one", withoutLength],
  ])("%s and a wrong signature: 401, a stray's start, and nothing stays", async (_, body) => {
    const before = await stored();
    const response = await send("http://vhub.localhost/", post(bad, body()));
    expect(response.status).toBe(401);
    expect(await stored()).toEqual(before);
    const stray = await edgeEnv.EVENTS_0.prepare(
      "SELECT size, body FROM strays ORDER BY id DESC LIMIT 1",
    ).first<{ size: number; body: ArrayBuffer }>();
    expect(stray?.size).toBe(large.length);
    expect(new Uint8Array(stray?.body ?? new ArrayBuffer(0))).toEqual(large.slice(0, 65_536));
  });

  it("by `store` it is kept as rejected", async () => {
    const event = await storedEvent(await send("http://vkeep.localhost/", post(bad, large)));
    expect([event.status, event.size]).toEqual(["rejected", large.length]);
    expect((await edgeEnv.BODIES.head(event.body_key ?? ""))?.size).toBe(large.length);
  });

  it("without a signature it is not even read: no object is made", async () => {
    let puts = 0;
    const BODIES = failingR2({ put: async () => void puts++ });
    const response = await sendWith({ BODIES }, "http://vhub.localhost/", post({}, large));
    expect([response.status, puts]).toEqual([401, 0]);
  });

  it("of GitLab is taken by the token alone", async () => {
    const secrets = ["gitlab-large-token"];
    await makeSource("vgitlarge", { verification: { preset: "gitlab", secrets } });
    const headers = { "x-gitlab-token": secrets[0] ?? "" };
    const response = await send("http://vgitlarge.localhost/", post(headers, large));
    expect([response.status, (await storedEvent(response)).size]).toEqual([202, large.length]);
  });

  it("above 25 MiB is 413", async () => {
    const body = streamOf(new Uint8Array(26 * 1024 * 1024), 1024 * 1024);
    const before = await stored();
    expect((await send("http://vhub.localhost/", post(bad, body))).status).toBe(413);
    expect(await stored()).toEqual(before);
  });

  it("is 413 where the signature needs it whole, with and without a length", async () => {
    for (const body of [withLength(), withoutLength()]) {
      const before = await stored();
      const response = await send("http://vdiscord.localhost/", post({}, body));
      expect(response.status).toBe(413);
      expect(((await response.json()) as { detail: string }).detail).toContain("1 MiB");
      expect(await stored()).toEqual(before);
    }
  });
});

describe("R2 fails, or the sender breaks off: 503, and nothing is left", () => {
  const put = () => Promise.reject(new Error("R2 is down"));
  const down = failingR2({ put, createMultipartUpload: put });

  it.each([
    ["vhub", 300 * 1024],
    ["vdiscord", 300 * 1024],
    ["vhub", 2 * 1024 * 1024],
  ])("R2, at %s with %d bytes", async (slug, size) => {
    const body = randomBytes(size);
    const headers = slug === "vhub" ? await signed(body) : await signedByDiscord(body);
    const before = await count("events");
    const response = await sendWith({ BODIES: down }, `http://${slug}.localhost/`, {
      method: "POST",
      headers,
      body,
    });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await count("events")).toBe(before);
  });

  it.each(["vhub", "vdiscord"])("the sender, at %s", async (slug) => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: (controller) => controller.error(new Error("connection lost")),
    });
    const before = await count("events");
    const response = await sendWith({}, `http://${slug}.localhost/`, post(bad, broken));
    expect([response.status, await count("events")]).toEqual([503, before]);
  });
});
