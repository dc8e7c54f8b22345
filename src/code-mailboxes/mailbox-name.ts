/** The object of a phone: its organization's, for another organization has no part in it. `phone`: digits as dialled. */
export function mailboxName(organizationId: string, phone: string): string {
  return `${organizationId}:${phone}`;
}
