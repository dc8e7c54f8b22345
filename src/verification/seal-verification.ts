import { seal, unseal } from "../sealing.ts";
import type { Verification } from "./verification.ts";

/** Seals a source's settings: they open with the ingest key, and for this source only. */
export function sealVerification(
  ingestKey: string,
  sourceId: string,
  settings: Verification,
): Promise<string> {
  return seal(ingestKey, aadOf(sourceId), JSON.stringify(settings));
}

/** Opens them. Sealing is authenticated, so what opens is what `schemas.ts` let in: it is not parsed again. */
export async function openVerification(
  ingestKey: string,
  sourceId: string,
  sealed: string,
): Promise<Verification> {
  return JSON.parse(await unseal(ingestKey, aadOf(sourceId), sealed)) as Verification;
}

function aadOf(sourceId: string): string {
  return `source:${sourceId}`;
}
