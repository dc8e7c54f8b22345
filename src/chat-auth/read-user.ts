import { RefusedToken, type VerifiedToken } from "../tokens/index.ts";
import { MAX_USER_NAME_CHARS } from "./constants.ts";
import { UserId } from "./schemas.ts";

type Claims = VerifiedToken["claims"];

/** Who a token's claims say its bearer is. 401 when its claim for the user's id is missing or none. */
export function readUser(claims: Claims, userClaim: string): { id: string; name: string } {
  const value = Object.hasOwn(claims, userClaim) ? claims[userClaim] : undefined;
  if (value === undefined) {
    throw new RefusedToken("chat", `has no claim \`${userClaim}\`, which is the user's id; add it`);
  }
  const id = UserId.safeParse(value);
  if (!id.success) {
    const [issue] = id.error.issues;
    throw new RefusedToken(
      "chat",
      `has a wrong user id: claim \`${userClaim}\`: ${issue?.message}`,
    );
  }
  return { id: id.data, name: readName(claims) };
}

/** The first that is there of what providers call a user by; "" for none. */
function readName(claims: Claims): string {
  const { name, given_name, family_name, preferred_username, email } = claims;
  const parts = [given_name, family_name].map(clean).filter((part) => part !== "");
  const candidates = [name, parts.join(" "), preferred_username, localPart(email)];
  return candidates.map(clean).find((candidate) => candidate !== "") ?? "";
}

function localPart(email: unknown): unknown {
  return typeof email === "string" ? email.split("@")[0] : undefined;
}

/** As much of a claim as can be shown on a line; "" for what is no text. */
function clean(claim: unknown): string {
  if (typeof claim !== "string") return "";
  const line = claim.replace(/[\s\p{Cc}\p{Cs}]+/gu, " ").trim();
  return line.length <= MAX_USER_NAME_CHARS ? line : cut(line);
}

/** Never within a character. */
function cut(line: string): string {
  return line
    .slice(0, MAX_USER_NAME_CHARS)
    .replace(/\p{Cs}$/u, "")
    .trimEnd();
}
