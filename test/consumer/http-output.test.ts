import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { fromBase64, toBase64 } from "../../src/crypto.ts";
import type { Output } from "../../src/destinations/driver.ts";
import { eventWith } from "../destinations/fixtures.ts";
import { SECRET, send } from "./driver.ts";

const captured: [string, string][] = [
  ["content-type", "text/xml; charset=euc-kr"],
  ["content-encoding", "gzip"],
  ["x-shop", "1"],
];
const event = () => eventWith("<captured/>", { headers: captured, contentType: "text/xml" });

it.each<[Output, string]>([
  [{ kind: "text", contentType: "text/plain; charset=utf-8", text: "12,000원" }, "12,000원"],
  [{ kind: "json", contentType: "application/json", json: { a: ["한"] } }, '{"a":["한"]}'],
])("what a transform made is the body, with its content type: %j", async (output, body) => {
  const sign = { scheme: "standard-webhooks", secrets: [SECRET] };
  const { result, received, headers } = await send(event(), {
    config: { sign, method: "POST" },
    input: { output },
  });
  expect(result.outcome).toEqual({ ok: true });
  expect(received[0]?.body).toBe(body);
  expect([headers["content-type"], headers["content-encoding"], headers["x-shop"]]).toEqual([
    output.contentType,
    undefined,
    "1",
  ]);
  expect(new TextDecoder().decode(result.requestBody)).toBe(body);
  const key = fromBase64(SECRET.slice("whsec_".length));
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const mac = createHmac("sha256", key);
  mac.update(new TextEncoder().encode(signed));
  expect(headers["webhook-signature"]).toBe(`v1,${toBase64(mac.digest())}`);
});

it("a content type of the destination's own wins", async () => {
  const output = { kind: "json", contentType: "application/json", json: {} } as const;
  const { headers } = await send(event(), {
    config: { headers: { "Content-Type": "application/vnd.shop+json" } },
    input: { output },
  });
  expect(headers["content-type"]).toBe("application/vnd.shop+json");
});

it("stays on record when nobody answers", async () => {
  const output = { kind: "text", contentType: "text/plain", text: "made" } as const;
  const { result } = await send(event(), { behaviour: "reset", input: { output } });
  expect(result.outcome).toMatchObject({ reason: "connection_failed" });
  expect(new TextDecoder().decode(result.requestBody)).toBe("made");
});
