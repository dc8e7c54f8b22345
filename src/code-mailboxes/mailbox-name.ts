import { dialled } from "../phone-number.ts";

/** The object of a phone, however its number is written: its organization's, for another one has no part in it. */
export function mailboxName(organizationId: string, phone: string): string {
  return `${organizationId}:${dialled(phone)}`;
}
