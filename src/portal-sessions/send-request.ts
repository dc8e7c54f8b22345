import type { Context } from "../context.ts";
import { refused } from "../errors.ts";
import { callPair, findDefinition, type PortalRow, resolveDefinition } from "../portals/index.ts";
import { readRequest } from "./read-request.ts";
import type { PortalAnswer, PortalRequest } from "./schemas.ts";
import { toAnswer } from "./to-answer.ts";
import { unavailable } from "./unavailable.ts";

/**
 * Sends a request with the portal's session. 422 for one that cannot be sent, 503 with the reason when no session can
 * take it in time.
 */
export async function sendRequest(
  ctx: Context,
  portal: PortalRow,
  input: PortalRequest,
): Promise<PortalAnswer> {
  const { id, organizationId, baseUrl } = portal;
  const found = await findDefinition(ctx.db, organizationId, portal.definition);
  if (!found?.definition) throw unavailable({ reason: "definition_missing" });
  const { origins } = resolveDefinition(found.definition, baseUrl);
  const request = readRequest(input, { baseUrl, origins });
  const answer = await callPair(ctx, id, (pair) => pair.request(request));
  switch (answer.kind) {
    case "answered":
      return toAnswer(answer);
    case "refused":
      throw refused(answer.field, answer.message);
    case "unavailable":
      throw unavailable(answer);
  }
}
