import { VECTORS } from "../verification/vectors.ts";

/** The secret of GitHub's own example, and of the sources here that are verified as its. */
export const SECRET = "It's a Secret to Everybody";

/** Headers of a body that GitHub has signed. */
export async function signed(body: Uint8Array): Promise<Record<string, string>> {
  return { "x-hub-signature-256": `sha256=${await hmacHex(SECRET, body)}` };
}

export async function signedByDiscord(body: Uint8Array): Promise<Record<string, string>> {
  const time = String(Math.floor(Date.now() / 1000));
  const bytes = new TextEncoder().encode(time);
  const message = new Uint8Array([...bytes, ...body]);
  const signature = await signEd25519(message);
  return { "x-signature-timestamp": time, "x-signature-ed25519": signature };
}

export async function hmac(secret: string, message: Uint8Array): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const raw = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
}

export async function hmacHex(secret: string, message: Uint8Array): Promise<string> {
  return (await hmac(secret, message)).toHex();
}

/** RFC 8410's envelope of an ed25519 seed; here the bytes 0 … 31, whose public key stands in the Discord vector. */
export async function signEd25519(message: string | Uint8Array): Promise<string> {
  const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
  const pkcs8 = new Uint8Array([
    ...Uint8Array.fromHex("302e020100300506032b657004220420"),
    ...seed,
  ]);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  const bytes = typeof message === "string" ? new TextEncoder().encode(message) : message;
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, bytes)).toHex();
}

export function discordPublicKey(): string {
  return VECTORS.find(({ name }) => name === "discord")?.settings.secrets[0] ?? "";
}
