import type { JWTPayload } from "jose";
import { expect, inject } from "vitest";
import { authenticateChat, type ChatSettings } from "../../src/chat-auth/index.ts";
import { type ChatVars, readChatSettings } from "../../src/chat-auth/settings.ts";
import { readSettings } from "../../src/context.ts";
import { findSource, type IngestSource } from "../../src/ingest/index.ts";
import type { Script } from "../support/jwks.ts";
import { inSeconds, Provider } from "./channel-support.ts";
import { bindings, call, control, type Json, type Tenant } from "./support.ts";

/** What the app makes of variables on a developer's machine. */
export function settingsOf(vars: ChatVars): ChatSettings {
  return readChatSettings({ BASE_DOMAIN: "localhost", ...vars });
}

/** A source of preset chat, as the app finds it. */
export async function makeChat(tenant: Tenant, slug: string): Promise<IngestSource> {
  const { status, text } = await call(tenant, "POST", "/sources", { slug, preset: "chat" });
  expect([status, text]).toEqual([201, expect.any(String)]);
  const source = await findSource(control, { kind: "slug", name: slug }, 0);
  if (!source) throw new Error(`no source ${slug}`);
  return source;
}

/** Signs in to the chat of a source. */
export function signIn(source: IngestSource, token: string, chat = settingsOf({})) {
  return authenticateChat({ db: control, settings: readSettings(bindings), chat }, source, token);
}

/** Of a token that is refused: code and sentence. */
export async function refusal(
  source: IngestSource,
  token: string,
  chat = settingsOf({}),
): Promise<[string, string]> {
  const error = await signIn(source, token, chat).then(
    (user) => expect.fail(`signed in as ${JSON.stringify(user)}`),
    (thrown: { code: string; message: string }) => thrown,
  );
  for (const part of token.split(".")) {
    if (part.length > 10 && error.message.includes(part)) throw new Error("tells the token");
  }
  return [error.code, error.message];
}

/** The audience of tokens of a `LocalIssuer`. */
export const APP = "app-1";

/** An OpenID Connect provider on this machine, with RS256 keys that can be changed. */
export class LocalIssuer {
  readonly issuer: string;
  readonly keys: Provider;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    this.issuer = `${inject("jwksUrl")}/${name}`;
    this.keys = new Provider(`${name}/.well-known/jwks.json`);
  }

  /** Publishes its configuration and first key. */
  async start(): Promise<this> {
    await this.configure({ issuer: this.issuer, jwks_uri: this.keys.jwksUrl });
    await this.rotate("k1");
    return this;
  }

  /** What its `/.well-known/openid-configuration` says. */
  configure(configuration: unknown): Promise<void> {
    return this.answer({ body: JSON.stringify(configuration) });
  }

  /** What its server answers there. */
  async answer(script: Script): Promise<void> {
    const url = `${this.issuer}/.well-known/openid-configuration`;
    await fetch(url, { method: "PUT", body: JSON.stringify(script) });
  }

  /** Signs with another key from now on; those before it are still published. */
  async rotate(kid: string): Promise<void> {
    await this.keys.addKey("RS256", kid);
    await this.keys.publish();
  }

  /** How often its keys were asked for. */
  asked(): Promise<number> {
    return this.keys.asked();
  }

  async register(tenant: Tenant, more: Json = {}): Promise<string> {
    const body = { issuer: this.issuer, audience: APP, ...more };
    const { status, json, text } = await call(tenant, "POST", "/chat/issuers", body);
    if (status !== 201) throw new Error(`${this.#name}: ${text}`);
    return String(json.id);
  }

  sign(claims: JWTPayload = {}, header: { alg?: string; kid?: string } = {}): Promise<string> {
    return this.keys.sign(
      { organizationId: "", key: "" },
      {
        iss: this.issuer,
        aud: APP,
        sub: "user-1",
        auth_time: inSeconds(-5),
        baton: undefined,
        ...claims,
      },
      header,
    );
  }
}
