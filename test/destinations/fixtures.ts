import type { AttemptInput, OutgoingEvent } from "../../src/destinations/driver.ts";
import { HttpConfig } from "../../src/destinations/schemas.ts";

export const SETTINGS = {
  baseDomain: "localhost",
  appUrl: "http://localhost:8787",
  ingestUrl: "http://{slug}.localhost:8787",
  masterKey: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  allowLoopback: true,
  egressPorts: [],
  dohUrl: "",
};

/** Most kinds count and archive nothing: one that does fails here. */
const NO_STORES = new Proxy({} as AttemptInput["stores"], {
  get(_, name) {
    throw new Error(`stores.${String(name)} was used`);
  },
});

/** An event with a body; `body` may be text, bytes, or a stream with its `size`. */
export function eventWith(
  body: string | Uint8Array<ArrayBuffer> = "",
  more: Partial<OutgoingEvent> = {},
): OutgoingEvent {
  const bytes = typeof body === "string" ? new Uint8Array(new TextEncoder().encode(body)) : body;
  return {
    id: "evt_01k9zzzzzzzzzzzzzzzzzzzzzz",
    method: "POST",
    host: "demo.localhost",
    path: "/orders/1",
    query: "",
    headers: [["content-type", "text/plain"]],
    contentType: "text/plain",
    size: bytes.byteLength,
    receivedAt: Date.UTC(2026, 10, 21, 9, 30, 5),
    hops: 0,
    senderId: null,
    senderName: "curl/8 @ 192.0.2.1",
    source: { slug: "demo", name: "Demo", preset: "generic" },
    openBody: async () => bytes,
    ...more,
  };
}

export function inputOf(event: OutgoingEvent, more: Partial<AttemptInput> = {}): AttemptInput {
  return {
    deliveryId: "dlv_01k9zzzzzzzzzzzzzzzzzzzzzz",
    organizationId: "org_test",
    destinationId: "dst_01k9zzzzzzzzzzzzzzzzzzzzzz",
    number: 1,
    event,
    settings: SETTINGS,
    stores: NO_STORES,
    ...more,
  };
}

export function httpConfig(url: string, more: Record<string, unknown> = {}): HttpConfig {
  return HttpConfig.parse({ url, ...more });
}
