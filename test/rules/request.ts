import { type Facts, factsOf, type RequestFacts } from "../../src/rules/facts.ts";
import { explainMatch, matches } from "../../src/rules/match.ts";
import { parseMatch } from "../../src/rules/match-schema.ts";
import type { Match } from "../../src/rules/schemas.ts";

/** Facts of a request; what is left out is ordinary. A body that is no text or bytes is sent as JSON. */
export function request(parts: Partial<Omit<RequestFacts, "body">> & { body?: unknown } = {}) {
  return factsOf({
    method: "POST",
    host: "hooks.example.com",
    path: "/",
    query: "",
    headers: [],
    senderName: "",
    contentType: null,
    ...parts,
    body: bytesOf(parts.body),
  });
}

function bytesOf(body: unknown): Uint8Array | null {
  if (body === undefined) return null;
  if (body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
}

/** Parses a match as the API does; throws with the reason. */
export function parse(input: unknown): Match {
  const result = parseMatch(input);
  if ("refused" in result) throw new Error(result.refused);
  return result.match;
}

/** Whether it matches, by both ways of asking. */
export function ask(input: unknown, facts: Facts) {
  const match = parse(input);
  const explained = explainMatch(match, facts);
  if (matches(match, facts) !== explained.matched) throw new Error("matches and explain disagree");
  return explained;
}
