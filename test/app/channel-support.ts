import { OpenAPIHono } from "@hono/zod-openapi";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { inject } from "vitest";
import { answerHeaders } from "../../src/admin/answer-headers.ts";
import { authenticate } from "../../src/admin/auth.ts";
import { applyCors, checkOrigin } from "../../src/admin/cors.ts";
import { type AdminEnv, authorizeChannel } from "../../src/admin/index.ts";
import { asBatonError } from "../../src/admin/problems.ts";
import { problemResponse } from "../../src/http-error.ts";
import type { Script } from "../support/jwks.ts";
import { bindings, call, type Json, type Tenant } from "./support.ts";

/** The app's guards before two calls that only tell what was granted: `GET …/{how}` and `POST …/publish`. */
const app = new OpenAPIHono<AdminEnv>();
app.onError((error) => problemResponse(asBatonError(error)));
app.use("*", answerHeaders);
app.use("/api/v1/channels/*", applyCors);
app.use("/api/v1/*", authenticate, checkOrigin);
app.get("/api/v1/channels/:name/:how", (c) => {
  const access = authorizeChannel(c, { name: c.req.param("name"), action: "subscribe" });
  if (c.req.header("upgrade") !== "websocket") return c.json(access);
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.send(JSON.stringify(access));
  return new Response(null, { status: 101, webSocket: client });
});
app.post("/api/v1/channels/:name/publish", (c) =>
  c.json(authorizeChannel(c, { name: c.req.param("name"), action: "publish" })),
);

/** Calls a channel as whoever the headers and the query say. */
export async function visit(path: string, init: RequestInit = {}): Promise<Response> {
  const url = `http://localhost:8787/api/v1/channels/${path}`;
  return app.fetch(new Request(url, init), bindings);
}

/** Tries to subscribe with a token. */
export async function subscribe(
  token: string,
  name = "orders.a",
): Promise<{ status: number; json: Json; text: string; headers: Headers }> {
  const answer = await visit(`${name}/poll`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  return {
    status: answer.status,
    json: JSON.parse(text) as Json,
    text,
    headers: answer.headers,
  };
}

/** The sentence of a refusal. */
export async function refusal(token: string): Promise<[number, string]> {
  const { status, json, text } = await subscribe(token);
  for (const part of token.split(".")) {
    if (part.length > 10 && text.includes(part)) throw new Error(`tells the token: ${text}`);
  }
  return [status, String(json.detail)];
}

/** Seconds, as claims have times. */
export const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

/** An identity provider with a key set at the test server. */
export class Provider {
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly #name: string;
  #keys: { kid?: string; alg: string; privateKey: CryptoKey; publicKey: CryptoKey }[] = [];

  constructor(name: string) {
    this.#name = name;
    this.issuer = `https://${name}.example/`;
    this.jwksUrl = `${inject("jwksUrl")}/${name}`;
  }

  /** Adds a key; it is not published yet. */
  async addKey(alg = "ES256", kid?: string): Promise<void> {
    const pair = await generateKeyPair(alg, { extractable: true });
    this.#keys.push({ alg, ...pair, ...(kid !== undefined && { kid }) });
  }

  async publish(): Promise<void> {
    await this.answer({ body: JSON.stringify({ keys: await this.publicKeys() }) });
  }

  publicKeys() {
    return Promise.all(
      this.#keys.map(async ({ kid, alg, publicKey }) => ({
        ...(await exportJWK(publicKey)),
        alg,
        use: "sig",
        ...(kid !== undefined && { kid }),
      })),
    );
  }

  /** What its server answers from now on. */
  async answer(script: Script): Promise<void> {
    await fetch(this.jwksUrl, { method: "PUT", body: JSON.stringify(script) });
  }

  /** How often its keys were asked for. */
  async asked(): Promise<number> {
    return Number(await (await fetch(`${inject("jwksUrl")}/__asked?name=${this.#name}`)).text());
  }

  async register(tenant: Tenant): Promise<void> {
    const body = { issuer: this.issuer, jwksUrl: this.jwksUrl };
    const { status, text } = await call(tenant, "POST", "/token-issuers", body);
    if (status !== 201) throw new Error(text);
  }

  /** A token of its latest key. */
  sign(
    tenant: Tenant,
    claims: JWTPayload = {},
    header: { alg?: string; kid?: string } = {},
  ): Promise<string> {
    const key = this.#keys.at(-1);
    if (!key) throw new Error("addKey first");
    return new SignJWT({
      iss: this.issuer,
      aud: tenant.organizationId,
      iat: inSeconds(0),
      exp: inSeconds(600),
      baton: { subscribe: ["orders.*"] },
      ...claims,
    })
      .setProtectedHeader({
        alg: key.alg,
        ...(key.kid !== undefined && { kid: key.kid }),
        ...header,
      })
      .sign(key.privateKey);
  }
}
