import { z } from "zod";
import { nameOf } from "../name.ts";
import {
  DEFAULT_TOKEN_LIFE_SECONDS,
  MAX_ISSUER_CHARS,
  MAX_ISSUER_NAME_CHARS,
  MAX_JWKS_URL_CHARS,
  MAX_PATTERN_CHARS,
  MAX_PATTERNS,
  MAX_TOKEN_CHARS,
  MAX_TOKEN_LIFE_SECONDS,
  OWN_ISSUER,
} from "./constants.ts";

const Pattern = z
  .string()
  .max(MAX_PATTERN_CHARS)
  .regex(
    /^[A-Za-z0-9_.:*-]+$/,
    "is no pattern; use a channel's name (letters, digits and `_` `.` `:` `-`), with `*` for any characters",
  );

const Patterns = z.array(Pattern).max(MAX_PATTERNS).default([]);

/** The claim `baton` of a token: which channels it opens. Other fields in it mean nothing to us. */
export const ChannelClaim = z.object({ subscribe: Patterns, publish: Patterns });
export type ChannelClaim = z.infer<typeof ChannelClaim>;

/** Of a token of ours. */
export const TokenLife = z
  .number()
  .int()
  .min(1)
  .max(MAX_TOKEN_LIFE_SECONDS)
  .default(DEFAULT_TOKEN_LIFE_SECONDS);

export const CreateChannelToken = z
  .strictObject({
    subscribe: Patterns.meta({
      description: "Channels that may be read; `*` stands for any characters: `orders.*`",
    }),
    publish: Patterns.meta({ description: "Channels that may be published to" }),
    expiresInSeconds: TokenLife,
  })
  .refine(({ subscribe, publish }) => subscribe.length + publish.length > 0, {
    path: ["subscribe"],
    error: "opens no channel; name one in `subscribe` or `publish`",
  })
  .meta({ id: "CreateChannelToken" });
export type CreateChannelToken = z.infer<typeof CreateChannelToken>;

export const ChannelToken = z
  .object({ token: z.string(), expiresAt: z.string() })
  .meta({ id: "ChannelToken" });
export type ChannelToken = z.infer<typeof ChannelToken>;

/** For the query of calls that a browser makes without headers: WebSocket and EventSource. */
export const TokenParameter = z.string().min(1).max(MAX_TOKEN_CHARS).optional().meta({
  description: "A channel token or an API key, where no header can be sent",
});

export const Issuer = z
  .string()
  .min(1)
  .max(MAX_ISSUER_CHARS)
  .regex(/^[^\s\p{Cc}\p{Cs}]*$/u, "has a space or a control character; write the claim as it is")
  .refine((issuer) => issuer !== OWN_ISSUER, "is Baton's own; its tokens need no registration")
  .meta({ description: "The `iss` claim of its tokens, exactly" });

export const IssuerName = nameOf(MAX_ISSUER_NAME_CHARS);

export const JwksUrl = z.string().max(MAX_JWKS_URL_CHARS).meta({
  description: "Where its public keys are (JWK Set); called like a destination",
});

export const CreateTokenIssuer = z
  .strictObject({
    name: IssuerName.optional().meta({ description: "The issuer when left out" }),
    issuer: Issuer,
    jwksUrl: JwksUrl,
  })
  .meta({ id: "CreateTokenIssuer" });
export type CreateTokenIssuer = z.infer<typeof CreateTokenIssuer>;

export const TokenIssuer = z
  .object({
    id: z.string(),
    name: z.string(),
    issuer: z.string(),
    jwksUrl: z.string(),
    createdAt: z.string(),
  })
  .meta({ id: "TokenIssuer" });
export type TokenIssuer = z.infer<typeof TokenIssuer>;
