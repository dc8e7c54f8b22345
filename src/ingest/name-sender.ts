import type { SenderBy } from "../db/schema/events.ts";
import type { Call } from "./call.ts";
import { senderName, verifiedSenderName } from "./capture.ts";
import type { Identity } from "./identify-sender.ts";

/** Who called, as an event keeps it: a registered sender, else a verified provider, else user agent and address. */
export function nameSender(
  { request }: Call,
  { sender, by }: Pick<Identity, "sender" | "by">,
  verifiedAs: string | null,
): { senderId: string | null; senderName: string; senderBy: SenderBy | null } {
  if (sender) return { senderId: sender.id, senderName: sender.name, senderBy: by };
  const { headers } = request;
  if (verifiedAs !== null) {
    const name = verifiedSenderName(verifiedAs, headers);
    return { senderId: null, senderName: name, senderBy: "signature" };
  }
  const name = senderName(headers.get("user-agent"), headers.get("cf-connecting-ip"));
  return { senderId: null, senderName: name, senderBy: null };
}
