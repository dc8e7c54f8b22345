import { isSameText } from "./crypto.ts";
import { missing } from "./hmac.ts";
import type { Failure, Head, Verification } from "./verification.ts";

const AUTH_KEY = "x-ncp-auth-key";
const SERVICE_SECRET = "x-ncp-service-secret";

/** Both headers of SENS v1 are the credential itself: nothing is signed. */
export const SENS_V1_HEADERS: readonly string[] = [AUTH_KEY, SERVICE_SECRET];

/** The pair that a caller of NAVER Cloud SENS v1 sends must be the source's. Which half is wrong is not told. */
export async function verifySensV1(
  { headers }: Head,
  settings: Verification,
): Promise<Failure | null> {
  const key = headers.get(AUTH_KEY);
  const secret = headers.get(SERVICE_SECRET);
  if (!key) return missing(AUTH_KEY);
  if (!secret) return missing(SERVICE_SECRET);
  const authKey = settings.preset === "sens_v1" ? settings.authKey : "";
  const [isKey, ...isSecret] = await Promise.all([
    isSameText(authKey, key),
    ...settings.secrets.map((known) => isSameText(known, secret)),
  ]);
  return isKey && isSecret.includes(true)
    ? null
    : {
        check: "token",
        detail: "`x-ncp-auth-key` and `x-ncp-service-secret` are not the source's",
      };
}
