import { and, asc, eq } from "drizzle-orm";
import { chatIssuers } from "../db/schema/chat.ts";
import { BatonError } from "../errors.ts";
import { findSource, type IngestSource } from "../ingest/index.ts";
import { log } from "../log.ts";
import { type IssuerKeys, RefusedToken, type UnverifiedToken } from "../tokens/index.ts";
import type { ChatAuthDeps } from "./authenticate-chat.ts";
import { COGNITO_USER_CLAIM, RETRY_AFTER_SECONDS } from "./constants.ts";

/** Whose tokens sign users in, and what they must hold. */
export type ChatSigner = IssuerKeys & {
  /** What `aud` must hold; null: they may be for anybody. */
  audience: string | null;
  userClaim: string;
  /** Claims that must be as here. */
  claims: Record<string, string>;
};

/**
 * Who has signed a token, as it says itself: the deployment's Cognito pool, or an issuer that the source's organization
 * has registered. What others have registered is not looked at. 401 for anybody else's.
 */
export async function findIssuer(
  deps: ChatAuthDeps,
  source: IngestSource,
  said: UnverifiedToken,
): Promise<ChatSigner> {
  const known = await lookUp(deps, source, said.issuer);
  if (known.length === 0) {
    throw new RefusedToken(
      "chat",
      "is of an issuer that its organization does not know; register it first",
    );
  }
  const signer = known.find(
    ({ audience }) => audience === null || said.audiences.includes(audience),
  );
  if (signer) return signer;
  throw new RefusedToken(
    "chat",
    "is for another app; its claim `aud` must hold the audience that its issuer is registered with",
  );
}

async function lookUp(deps: ChatAuthDeps, source: IngestSource, issuer: string) {
  try {
    const pool = await findPool(deps, source, issuer);
    const registered = await findRegistered(deps, source, issuer);
    return pool ? [pool, ...registered] : registered;
  } catch (error) {
    log.error("chat_issuer_not_looked_up", { error });
    throw new BatonError("unavailable", "Who signs users in could not be looked up; try again.", {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}

/** The oldest first: of two that a token would do for, it is always the same. */
async function findRegistered({ db }: ChatAuthDeps, source: IngestSource, issuer: string) {
  const rows = await db
    .select()
    .from(chatIssuers)
    .where(
      and(eq(chatIssuers.organizationId, source.organizationId), eq(chatIssuers.issuer, issuer)),
    )
    .orderBy(asc(chatIssuers.id));
  return rows.map(
    ({ id, jwksUrl, audience, userClaim }): ChatSigner => ({
      id,
      jwksUrl,
      audience,
      userClaim,
      claims: {},
    }),
  );
}

/** The deployment's pool signs in for one organization: that of the default source. */
async function findPool(
  deps: ChatAuthDeps,
  source: IngestSource,
  issuer: string,
): Promise<ChatSigner | null> {
  const { cognito, defaultSource } = deps.chat;
  if (!cognito || cognito.issuer !== issuer) return null;
  if (source.slug !== defaultSource) {
    const own = await findSource(deps.db, { kind: "slug", name: defaultSource });
    if (own?.organizationId !== source.organizationId) return null;
  }
  return {
    id: "cognito",
    jwksUrl: `${issuer}/.well-known/jwks.json`,
    audience: cognito.clientId || null,
    userClaim: COGNITO_USER_CLAIM,
    // An access token is for calls to others, and names no audience.
    claims: { token_use: "id" },
  };
}
