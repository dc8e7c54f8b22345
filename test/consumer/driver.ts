import { env } from "cloudflare:workers";
import { inject } from "vitest";
import { deliver } from "../../src/destinations/deliver.ts";
import type { AttemptInput, OutgoingEvent } from "../../src/destinations/driver.ts";
import { eventWith, httpConfig, inputOf } from "../destinations/fixtures.ts";
import type { Received } from "../support/received.ts";

const { BODIES } = env as unknown as { BODIES: R2Bucket };
export const SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
export const SEED = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
export const MEBIBYTE = 1024 * 1024;

/** Delivers to the receiver; `behaviour` scripts its answer. */
export async function send(
  event: OutgoingEvent,
  {
    behaviour = "ok",
    config = {},
    input = {},
  }: { behaviour?: string; config?: object; input?: Partial<AttemptInput> } = {},
) {
  const key = crypto.randomUUID();
  const url = `${inject("receiverUrl")}/${behaviour}/${key}`;
  const startedAt = Date.now();
  const http = httpConfig(url, { timeoutMs: 1000, ...config });
  const result = await deliver("http", http, inputOf(event, input));
  const tookMs = Date.now() - startedAt;
  const log = await fetch(`${inject("receiverUrl")}/__received?key=${key}`);
  const received: Received[] = await log.json();
  const headers = Object.fromEntries(
    (received[0]?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { result, received, headers, tookMs, url };
}

export function random(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i += 65_536) crypto.getRandomValues(bytes.subarray(i, i + 65_536));
  return bytes;
}

export async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** An event whose body is in R2. */
export async function eventInR2(bytes: Uint8Array<ArrayBuffer>, more: Partial<OutgoingEvent> = {}) {
  const key = crypto.randomUUID();
  await BODIES.put(key, bytes);
  const openBody = async () => (await BODIES.get(key))?.body ?? null;
  return eventWith("", { size: bytes.length, openBody, ...more });
}
