import type { Settings } from "../context.ts";
import { assertPublicName, assertSendableUrl } from "../destinations/index.ts";
import { refused } from "../errors.ts";
import { jsonObjectOf } from "../json-object.ts";
import { fetchPublic } from "../tokens/index.ts";
import { JwksUrl } from "../tokens/schemas.ts";

/** 422 unless an issuer's keys may be fetched there. */
export async function assertKeysUrl(jwksUrl: string, settings: Settings): Promise<void> {
  const target = { url: jwksUrl, field: "jwksUrl" };
  assertSendableUrl(target, settings);
  await assertPublicName(target, settings);
}

/** Where an issuer says that its keys are (OpenID Connect Discovery). 422 when it does not, or says it of another one. */
export async function lookUpKeysUrl(issuer: string, settings: Settings): Promise<string> {
  const url = configurationUrl(issuer);
  assertSendableUrl({ url, field: "issuer" }, settings);
  const published = await fetchPublic(url, "application/json", settings);
  if (published.problem !== undefined) throw notFoundAt(url, published.problem);
  const configuration = jsonObjectOf(new TextDecoder().decode(published.bytes));
  if (!configuration) throw notFoundAt(url, "the server's answer is no JSON object");
  if (configuration.issuer !== issuer) {
    throw refused(
      "issuer",
      `is not what ${url} calls itself; write it exactly as it is there, or give jwksUrl`,
    );
  }
  const read = JwksUrl.safeParse(configuration.jwks_uri);
  if (!read.success) throw notFoundAt(url, "it names no `jwks_uri`");
  return read.data;
}

function configurationUrl(issuer: string): string {
  const url = URL.parse(issuer);
  if (url && url.search === "" && url.hash === "") {
    return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  }
  throw refused("jwksUrl", "cannot be looked up, since the issuer is no URL of a place; give it");
}

function notFoundAt(url: string, problem: string) {
  return refused("jwksUrl", `could not be looked up at ${url}: ${problem}; give it`);
}
