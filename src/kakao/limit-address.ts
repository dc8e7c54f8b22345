import { BatonError } from "../errors.ts";
import { readAddress } from "../ip-address.ts";
import { log } from "../log.ts";
import { ADDRESS_RATES } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";

/**
 * Counts a call that needs no token, per address. Null when it is allowed, else in how many seconds the next one is.
 * Throws 503 when it cannot be counted: nobody guesses tokens meanwhile, and no plugin takes that for a lost session.
 */
export async function limitAddress(
  { rateLimits, settings }: Pick<KakaoDeps, "rateLimits" | "settings">,
  call: keyof typeof ADDRESS_RATES,
  headers: Headers,
): Promise<number | null> {
  const address = addressOf(headers, settings.baseDomain === "localhost");
  try {
    const limit = rateLimits.getByName(`kakao:${call}:${address}`);
    const { allowed, retryAfterMs } = await limit.take(ADDRESS_RATES[call]);
    return allowed ? null : Math.max(1, Math.ceil(retryAfterMs / 1000));
  } catch (error) {
    log.error("kakao_address_not_counted", { error });
    throw new BatonError("unavailable", "The call could not be counted; try again.", {
      retryAfterSeconds: 1,
    });
  }
}

/**
 * Who calls. Only the platform's own header counts: others are anybody's to set, except in a local session, where
 * everybody has one address. Of IPv6 a network of 64 bits is one caller.
 */
export function addressOf(headers: Headers, isLocal: boolean): string {
  const forwarded = isLocal ? headers.get("x-forwarded-for")?.split(",")[0]?.trim() : undefined;
  const text = forwarded || headers.get("cf-connecting-ip") || "unknown";
  const address = readAddress(text);
  return address?.length === 16 ? `${address.slice(0, 8).join(".")}/64` : text;
}
