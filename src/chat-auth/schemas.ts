import { z } from "zod";
import { MAX_USER_ID_CHARS } from "../chat/index.ts";
import { isId } from "../ids.ts";
import { nameOf } from "../name.ts";
import { strict } from "../strict.ts";
import { Issuer, IssuerName, JwksUrl, TokenLife } from "../tokens/schemas.ts";
import {
  DEFAULT_USER_CLAIM,
  MAX_AUDIENCE_CHARS,
  MAX_USER_CLAIM_CHARS,
  MAX_USER_NAME_CHARS,
} from "./constants.ts";

/** Who a user is, in the words of whoever signs them in. */
export const UserId = z
  .string()
  .min(1)
  .max(MAX_USER_ID_CHARS)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "has a control character; remove it");

export const CreateChatToken = z
  .strictObject({
    userId: UserId.meta({ description: "Who its bearer is; the same user always has the same id" }),
    name: nameOf(MAX_USER_NAME_CHARS).optional().meta({ description: "What others read" }),
    expiresInSeconds: TokenLife,
  })
  .meta({ id: "CreateChatToken" });
export type CreateChatToken = z.infer<typeof CreateChatToken>;

export const ChatToken = z
  .object({ token: z.string(), expiresAt: z.string() })
  .meta({ id: "ChatToken" });
export type ChatToken = z.infer<typeof ChatToken>;

const Audience = z
  .string()
  .min(1)
  .max(MAX_AUDIENCE_CHARS)
  .regex(/^[^\s\p{Cc}\p{Cs}]*$/u, "has a space or a control character; write the claim as it is")
  .refine(
    (audience) => !isId("organization", audience),
    "is the audience of channel tokens; give the id that the provider knows the app by",
  )
  .meta({ description: "What the `aud` claim of its tokens holds, e.g. the app's client id" });

const UserClaim = z
  .string()
  .min(1)
  .max(MAX_USER_CLAIM_CHARS)
  .regex(/^[^\s\p{Cc}\p{Cs}]*$/u, "has a space or a control character; write the claim's name")
  .meta({ description: "The claim that is the user's id" });

export const CreateChatIssuer = z
  .strictObject({
    name: IssuerName.optional().meta({ description: "The issuer when left out" }),
    issuer: Issuer,
    audience: Audience,
    jwksUrl: JwksUrl.optional().meta({
      description:
        "Where its public keys are (JWK Set); looked up at `<issuer>/.well-known/openid-configuration` when left out",
    }),
    userClaim: UserClaim.default(DEFAULT_USER_CLAIM),
  })
  .meta({ id: "CreateChatIssuer" });
export type CreateChatIssuer = z.infer<typeof CreateChatIssuer>;

export const UpdateChatIssuer = strict(
  {
    name: IssuerName.optional(),
    audience: Audience.optional(),
    jwksUrl: JwksUrl.optional(),
    userClaim: UserClaim.optional(),
  },
  { issuer: "cannot be changed; register another issuer" },
).meta({ id: "UpdateChatIssuer" });
export type UpdateChatIssuer = z.infer<typeof UpdateChatIssuer>;

export const ChatIssuer = z
  .object({
    id: z.string(),
    name: z.string(),
    issuer: z.string(),
    audience: z.string(),
    jwksUrl: z.string(),
    userClaim: z.string(),
    createdAt: z.string(),
  })
  .meta({ id: "ChatIssuer" });
export type ChatIssuer = z.infer<typeof ChatIssuer>;
