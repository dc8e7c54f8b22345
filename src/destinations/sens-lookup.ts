import type { Deadline } from "./deadline.ts";
import type { Doubt, Earlier } from "./driver.ts";
import { readObject } from "./read-json.ts";
import type { SensAnswer } from "./sens-call.ts";
import type { SensMessage, SensRecipient } from "./sens-check.ts";
import type { SensConfig } from "./sens-config.ts";
import { byTime, type Listed, listSens, windowsOf } from "./sens-list.ts";

type Sent = Pick<SensMessage, "content" | "messages">;

/**
 * What SENS has of recipients whose calls had no known end: the request that took each of them. `unresolved`: it could
 * not be found out, and nothing may be sent.
 */
export type Lookup =
  | { kind: "resolved"; found: Map<string, string>; answer: SensAnswer | null }
  | { kind: "unresolved"; answer: SensAnswer | null; isBusy: boolean };

/**
 * Looks for a delivery's messages in SENS's list, by number and text. SENS knows no idempotency key, so equal texts of
 * two deliveries look the same: a request on another one's receipt is not ours, and while another one is under way
 * nobody can say whose a request is.
 */
export async function lookUp(
  config: SensConfig,
  { doubts, rivals, own }: Pick<Earlier, "doubts" | "rivals"> & { own: readonly string[] },
  message: SensMessage,
  recipients: readonly SensRecipient[],
  deadline: Deadline,
): Promise<Lookup> {
  const listed: Listed[] = [];
  let answer: SensAnswer | null = null;
  for (const { from, to } of windowsOf(doubts)) {
    const list = await listSens(config, byTime(from, to), deadline);
    answer = list.answer;
    if (!list.isWhole) return { kind: "unresolved", answer, isBusy: false };
    listed.push(...list.messages);
  }
  const sent = [message, ...doubts.flatMap(messageOnRecord)];
  const candidates = candidatesOf(listed, sent, recipients, new Set(own));
  if (candidates.size === 0) return { kind: "resolved", found: new Map(), answer };
  const since = Math.min(...doubts.map(({ from }) => from));
  const { taken, isBusy } = await rivals(since, [...new Set([...candidates.values()].flat())]);
  if (isBusy) return { kind: "unresolved", answer, isBusy };
  const found = new Map<string, string>();
  for (const [to, requestIds] of candidates) {
    const ours = requestIds.find((id) => !taken.has(id));
    if (ours !== undefined) found.set(to, ours);
  }
  return { kind: "resolved", found, answer };
}

/** The payload of a doubtful call, which we have made ourselves. */
function messageOnRecord({ requestBody }: Doubt): Sent[] {
  const json = readObject(new TextDecoder().decode(requestBody ?? new Uint8Array()));
  return typeof json.content === "string" && Array.isArray(json.messages) ? [json as Sent] : [];
}

/** Texts that a recipient may have been sent. */
function textsFor(sent: readonly Sent[], to: string): Set<string> {
  return new Set(
    sent.flatMap(({ content, messages }) =>
      messages.filter((one) => one.to === to).map((one) => one.content ?? content),
    ),
  );
}

/** Requests by recipient that have its number and a text that it was sent, and are not on our receipt yet. */
function candidatesOf(
  listed: readonly Listed[],
  sent: readonly Sent[],
  recipients: readonly SensRecipient[],
  own: ReadonlySet<string>,
): Map<string, string[]> {
  const byNumber = Map.groupBy(listed, ({ to }) => to);
  const candidates = new Map<string, string[]>();
  for (const recipient of recipients) {
    const texts = textsFor(sent, recipient.to);
    const requestIds = (byNumber.get(recipient.to) ?? [])
      .filter(({ requestId, content }) => texts.has(content) && !own.has(requestId))
      .map(({ requestId }) => requestId);
    if (requestIds.length > 0) candidates.set(recipient.to, requestIds);
  }
  return candidates;
}
