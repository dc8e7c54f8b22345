import { describe, expect, it } from "vitest";
import { maskedHeaders, outgoingHeaders } from "../../src/destinations/outgoing-headers.ts";
import { eventWith, inputOf } from "./fixtures.ts";

const NONE = { headers: {}, forwardCredentials: false };

function sent(captured: [string, string][], config = NONE, more = {}): Map<string, string> {
  const event = eventWith("x", { headers: captured, hops: 2 });
  const parts = { timestampSeconds: 1_700_000_000, ...more };
  return new Map(outgoingHeaders(config, inputOf(event, { number: 3 }), parts));
}

describe("what is removed", () => {
  it.each([
    ["connection", "keep-alive"],
    ["keep-alive", "timeout=5"],
    ["proxy-connection", "x"],
    ["te", "trailers"],
    ["trailer", "x"],
    ["transfer-encoding", "chunked"],
    ["upgrade", "h2c"],
    ["expect", "100-continue"],
    ["Host", "demo.localhost"],
    ["content-length", "9"],
    ["accept-encoding", "br"],
    ["cf-ray", "x"],
    ["cdn-loop", "cloudflare"],
    ["X-Forwarded-For", "1.2.3.4"],
    ["x-real-ip", "1.2.3.4"],
    ["true-client-ip", "1.2.3.4"],
    ["forwarded", "for=1.2.3.4"],
    ["mf-loop", "1"],
    ["x-baton-sender", "key"],
    ["x-baton-test", "true"],
    ["authorization", "Bearer x"],
    ["cookie", "a=b"],
    ["proxy-authorization", "Basic x"],
  ])("%s", (name, value) => {
    expect(sent([[name, value]]).has(name.toLowerCase())).toBe(false);
  });

  it("what `connection` names, in any case", () => {
    const headers = sent([
      ["Connection", "close, X-Hop"],
      ["x-hop", "1"],
      ["x-end", "2"],
    ]);
    expect(headers.has("x-hop")).toBe(false);
    expect(headers.get("x-end")).toBe("2");
  });

  it("not the credentials when they are to be forwarded", () => {
    const headers = sent(
      [
        ["authorization", "Bearer x"],
        ["cookie", "a=b"],
      ],
      { ...NONE, forwardCredentials: true },
    );
    expect(headers.get("authorization")).toBe("Bearer x");
    expect(headers.get("cookie")).toBe("a=b");
  });
});

describe("what is added", () => {
  it("Baton's own, instead of the sender's", () => {
    const headers = sent([
      ["webhook-id", "msg_sender"],
      ["webhook-signature", "v1,sender"],
      ["x-baton-hops", "99"],
    ]);
    expect(headers.get("webhook-id")).toBe("dlv_01k9zzzzzzzzzzzzzzzzzzzzzz");
    expect(headers.get("webhook-timestamp")).toBe("1700000000");
    expect(headers.has("webhook-signature")).toBe(false);
    expect(headers.get("x-baton-event-id")).toBe("evt_01k9zzzzzzzzzzzzzzzzzzzzzz");
    expect(headers.get("x-baton-attempt")).toBe("3");
    expect(headers.get("x-baton-hops")).toBe("3");
  });

  it("a signature when there is one", () => {
    expect(sent([], NONE, { signature: "v1,abc" }).get("webhook-signature")).toBe("v1,abc");
  });

  it("a user agent only when the sender has none", () => {
    expect(sent([]).get("user-agent")).toBe("Baton/1");
    expect(sent([["User-Agent", "Stripe/1.0"]]).get("user-agent")).toBe("Stripe/1.0");
  });

  it("the config's headers, which win over captured ones", () => {
    const config = { ...NONE, headers: { "X-Api-Key": "mine", "Content-Type": "text/html" } };
    const headers = sent(
      [
        ["x-api-key", "theirs"],
        ["content-type", "application/json"],
        ["x-other", "kept"],
      ],
      config,
    );
    expect(headers.get("x-api-key")).toBe("mine");
    expect(headers.get("content-type")).toBe("text/html");
    expect(headers.get("x-other")).toBe("kept");
  });
});

it("keeps a name that was captured twice", () => {
  const event = eventWith("x", {
    headers: [
      ["x-a", "1"],
      ["x-a", "2"],
    ],
  });
  const headers = outgoingHeaders(NONE, inputOf(event), { timestampSeconds: 1 });
  expect(headers.filter(([name]) => name === "x-a")).toHaveLength(2);
});

it("masks credentials, signatures and configured secrets for storing", () => {
  const config = { headers: { "X-Api-Key": "mine", "x-plain": "y" }, forwardCredentials: true };
  const masked = new Map(
    maskedHeaders(
      [
        ["authorization", "Bearer x"],
        ["webhook-signature", "v1,x"],
        ["x-api-key", "mine"],
        ["x-plain", "y"],
      ],
      config,
    ),
  );
  expect(Object.fromEntries(masked)).toEqual({
    authorization: "********",
    "webhook-signature": "********",
    "x-api-key": "********",
    "x-plain": "y",
  });
});
