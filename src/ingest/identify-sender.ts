import { sha256Hex } from "../crypto.ts";
import type { SenderBy } from "../db/schema/events.ts";
import { isWithin, readAddress, readNetwork } from "../ip-address.ts";
import type { Call } from "./call.ts";
import type { IngestSource } from "./find-source.ts";
import type { Intake } from "./intake.ts";
import { type Candidate, isOurs, readCandidates } from "./sender-keys.ts";

/** A registered sender, as far as the edge needs it. */
export type IngestSender = {
  id: string;
  name: string;
  keyHash: string;
  match: { ips?: string[]; userAgent?: string } | null;
  state: "active" | "muted" | "blocked";
};

export type Identity = {
  /** The request without its key. */
  call: Call;
  sender: IngestSender | null;
  by: Extract<SenderBy, "key" | "match"> | null;
  /** A key was shown that nobody has: it was mistyped, or its sender was deleted to stop it. */
  isUnknownKey: boolean;
};

/** Whose key it is at a source: one that Baton made, or one that the caller brought along. */
export function keyHashes(sourceId: string, key: string): Promise<[string, string]> {
  return Promise.all([sha256Hex(key), sha256Hex(`${sourceId}:${key}`)]);
}

/** Finds out who calls, by key, else by address and user agent, and cuts the key off. */
export async function identifySender(
  source: IngestSource,
  intake: Intake,
  call: Call,
): Promise<Identity> {
  const { headers } = call.request;
  const own = intake.cutKey?.(call.path);
  // What the preset takes for a key is a secret even when nobody has it, or another key says who calls.
  const bare = own ? { ...call, path: own.path } : call;
  const candidates = readCandidates({ path: bare.path, query: call.query, headers });
  if (own) candidates.push({ ...own, query: call.query, isKey: isOurs(own.key) });
  for (const candidate of candidates) {
    const sender = await senderWithKey(source, candidate);
    if (!sender) continue;
    const { query } = candidate;
    return {
      call: { ...call, path: candidate.path, query },
      sender,
      by: "key",
      isUnknownKey: false,
    };
  }
  const isUnknownKey = candidates.some(({ isKey }) => isKey);
  const sender = source.senders.find((one) => hasMarks(one, call)) ?? null;
  return { call: bare, sender, by: sender && "match", isUnknownKey };
}

async function senderWithKey(source: IngestSource, { key }: Candidate) {
  if (source.senders.length === 0) return undefined;
  const hashes = await keyHashes(source.id, key);
  return source.senders.find(({ keyHash }) => hashes.includes(keyHash));
}

/** All the marks that a sender is registered with must be there. */
function hasMarks({ match }: IngestSender, { request }: Call): boolean {
  if (!match) return false;
  const { ips, userAgent } = match;
  if (!ips && userAgent === undefined) return false;
  const agent = request.headers.get("user-agent") ?? "";
  if (userAgent !== undefined && !agent.includes(userAgent)) return false;
  return !ips || isFrom(ips, request.headers.get("cf-connecting-ip"));
}

function isFrom(ips: string[], ip: string | null): boolean {
  const address = ip === null ? null : readAddress(ip);
  if (!address) return false;
  return ips.some((text) => {
    const network = readNetwork(text);
    return network !== null && isWithin(address, network.base, network.bits);
  });
}
