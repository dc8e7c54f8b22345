import type { SenderBy } from "../db/schema/events.ts";
import { type Address, isWithin, type Network, readAddress, readNetwork } from "../ip-address.ts";
import { hashKey, hashOwnKey } from "../sender-key.ts";
import type { Call } from "./call.ts";
import type { IngestSource } from "./find-source.ts";
import type { Intake } from "./intake.ts";
import { cutKeys, isOurs, readCandidates } from "./sender-keys.ts";

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

/** Finds out who calls, by key, else by address and user agent, and cuts the key off. */
export async function identifySender(
  source: IngestSource,
  intake: Intake,
  call: Call,
): Promise<Identity> {
  const own = intake.cutKey?.(call.path);
  // What the preset takes for a key is a secret even when nobody has it, or another key says who calls.
  const bare = own ? { ...call, path: own.path } : call;
  const candidates = readCandidates(bare, call.request.headers);
  if (own) candidates.push({ key: own.key, isKey: isOurs(own.key) });
  for (const { key } of candidates) {
    const sender = await senderWithKey(source, key);
    if (!sender) continue;
    return { call: { ...bare, ...cutKeys(bare, key) }, sender, by: "key", isUnknownKey: false };
  }
  const sender = senderWithMarks(source, call);
  const isUnknownKey = candidates.some(({ isKey }) => isKey);
  return { call: bare, sender, by: sender && "match", isUnknownKey };
}

async function senderWithKey(source: IngestSource, key: string) {
  if (source.senders.length === 0) return undefined;
  const hashes = await Promise.all([hashKey(key), hashOwnKey(source.id, key)]);
  return source.senders.find(({ keyHash }) => hashes.includes(keyHash));
}

/** Of several the one that is held back most, so that a block holds whatever else matches; else the oldest. */
const RANK = { blocked: 0, muted: 1, active: 2 } satisfies Record<IngestSender["state"], number>;

function senderWithMarks(source: IngestSource, { request }: Call): IngestSender | null {
  const agent = request.headers.get("user-agent") ?? "";
  const address = readAddress(request.headers.get("cf-connecting-ip") ?? "");
  const [first] = source.senders
    .filter((sender) => hasMarks(sender, agent, address))
    .toSorted((a, b) => RANK[a.state] - RANK[b.state] || (a.id < b.id ? -1 : 1));
  return first ?? null;
}

/** All the marks that a sender is registered with must be there. */
function hasMarks(sender: IngestSender, agent: string, address: Address | null): boolean {
  const { ips, userAgent } = sender.match ?? {};
  if (!ips && userAgent === undefined) return false;
  if (userAgent !== undefined && !agent.includes(userAgent)) return false;
  return (
    !ips ||
    networksOf(sender).some(({ base, bits }) => address !== null && isWithin(address, base, bits))
  );
}

// A source's senders are kept for some seconds, and there may be thousands of networks: each is read once.
const read = new WeakMap<IngestSender, Network[]>();

function networksOf(sender: IngestSender): Network[] {
  let networks = read.get(sender);
  if (!networks) {
    networks = (sender.match?.ips ?? []).flatMap((text) => readNetwork(text) ?? []);
    read.set(sender, networks);
  }
  return networks;
}
