import type { Incoming, Verification } from "../../src/verification/index.ts";
import { BODY, SIGNED_AT_MS, VECTORS, type Vector } from "./vectors.ts";

export function settingsOf(vector: Vector, more: Partial<Verification> = {}): Verification {
  return {
    toleranceSeconds: 300,
    onFailure: "reject",
    ...vector.settings,
    ...more,
  } as Verification;
}

export function incoming(vector: Vector, more: Partial<Incoming> = {}): Incoming {
  return {
    method: "POST",
    url: vector.url ?? "https://hooks.example.com/in?a=1",
    headers: new Headers(vector.headers),
    body: bytes(vector.body ?? BODY),
    nowMs: SIGNED_AT_MS,
    ...more,
  };
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

export function find(name: string): Vector {
  const vector = VECTORS.find((one) => one.name === name);
  if (!vector) throw new Error(`no vector ${name}`);
  return vector;
}
