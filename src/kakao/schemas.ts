import { z } from "zod";

export const NewSession = z
  .object({
    sessionToken: z.string().meta({ description: "64 lower-case hex digits; shown this once" }),
    pairingCode: z.string().meta({ description: "What the user types: `/pair XXXX-XXXX`" }),
    expiresIn: z.number().int().meta({ description: "Seconds" }),
    status: z.literal("pending_pairing"),
  })
  .meta({ id: "KakaoNewSession" });
export type NewSession = z.infer<typeof NewSession>;

export const NewCode = z
  .object({
    pairingCode: z.string(),
    expiresIn: z.number().int().meta({ description: "Seconds" }),
    status: z.enum(["pending_pairing", "paired"]).meta({ description: "The session's" }),
  })
  .meta({ id: "KakaoNewCode" });
export type NewCode = z.infer<typeof NewCode>;

export const SessionStatus = z
  .object({
    status: z.enum(["pending_pairing", "paired", "expired"]),
    pairedAt: z.string().optional(),
    kakaoUserId: z.string().optional().meta({ description: "Of the session's first user" }),
    accountId: z.string().optional(),
    relayToken: z
      .string()
      .optional()
      .meta({ description: "Good for the same calls as the session's" }),
  })
  .meta({ id: "KakaoSessionStatus" });
export type SessionStatus = z.infer<typeof SessionStatus>;

/** The two error bodies of the relay. */
export const KakaoError = z
  .object({ error: z.string(), message: z.string().optional() })
  .meta({ id: "KakaoError" });
export const KakaoCodedError = z
  .object({ error: z.string(), code: z.string() })
  .meta({ id: "KakaoCodedError" });
