import { ChatError, type ChatUser } from "../chat/index.ts";
import type { Deps } from "../context.ts";
import type { IngestSource } from "../ingest/index.ts";
import {
  CLOCK_LEEWAY_SECONDS,
  OWN_ISSUER,
  RefusedToken,
  readToken,
  type UnverifiedToken,
  type VerifiedToken,
  verifyByKeys,
  verifyOwn,
} from "../tokens/index.ts";
import { DEFAULT_USER_CLAIM } from "./constants.ts";
import { findIssuer } from "./find-issuer.ts";
import { readUser } from "./read-user.ts";
import type { ChatSettings } from "./settings.ts";

/** What signing in needs: of `ChatDeps`, and chat's settings. */
export type ChatAuthDeps = Pick<Deps, "db" | "settings"> & { chat: ChatSettings };

type Given = { token: string; said: UnverifiedToken };
/** A token that is what it says, and its claim that is the user's id. */
type Believed = VerifiedToken & { userClaim: string };

/**
 * Who a raw token (no `Bearer`) says that its bearer is, among the users of the source's organization. Throws `ChatError`
 * `token_expired` and `BatonError` `unauthorized` for tokens that are not good; `BatonError` `unavailable` when that
 * cannot be found out now.
 */
export async function authenticateChat(
  deps: ChatAuthDeps,
  source: IngestSource,
  token: string,
): Promise<ChatUser> {
  try {
    const given = { token, said: readToken(token, "chat") };
    const { claims, expiresAt, userClaim } =
      given.said.issuer === OWN_ISSUER
        ? await believeOwn(deps, source, given)
        : await believeForeign(deps, source, given);
    return { organizationId: source.organizationId, ...readUser(claims, userClaim), expiresAt };
  } catch (error) {
    if (!(error instanceof RefusedToken) || !error.isExpired) throw error;
    throw new ChatError("token_expired", error.message);
  }
}

async function believeOwn(
  { settings }: ChatAuthDeps,
  { organizationId }: IngestSource,
  { token, said }: Given,
): Promise<Believed> {
  if (!said.audiences.includes(organizationId)) {
    throw new RefusedToken("chat", "is for another organization");
  }
  const given = { token, kind: "chat", said, audience: organizationId } as const;
  return { ...(await verifyOwn(settings, given)), userClaim: DEFAULT_USER_CLAIM };
}

async function believeForeign(
  deps: ChatAuthDeps,
  source: IngestSource,
  { token, said }: Given,
): Promise<Believed> {
  const { audience, userClaim, claims, ...keys } = await findIssuer(deps, source, said);
  const given = { token, kind: "chat", said, audience: audience ?? undefined } as const;
  const verified = await verifyByKeys(deps.settings, given, keys);
  assertClaims(verified.claims, claims);
  assertSignedIn(verified.claims.auth_time);
  return { ...verified, userClaim };
}

function assertClaims(claims: VerifiedToken["claims"], wanted: Record<string, string>): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (claims[name] === value) continue;
    throw new RefusedToken("chat", `is of another use; its claim \`${name}\` must be \`${value}\``);
  }
}

/** When the user signed in, which no honest issuer says of the future. */
function assertSignedIn(authTime: unknown): void {
  if (authTime === undefined) return;
  const latest = Date.now() / 1000 + CLOCK_LEEWAY_SECONDS;
  if (typeof authTime === "number" && authTime <= latest) return;
  throw new RefusedToken("chat", "is not good now: its claim `auth_time` does not hold");
}
