import { createRoute, z } from "@hono/zod-openapi";
import {
  createRouter,
  idempotent,
  jsonBody,
  jsonResponse,
  problems,
  requires,
} from "../admin/index.ts";
import { PageQuery, pageOf } from "../pagination.ts";
import { createChannelToken } from "./create-channel-token.ts";
import { createIssuer } from "./create-issuer.ts";
import { deleteIssuer } from "./delete-issuer.ts";
import { getIssuer } from "./get-issuer.ts";
import { listIssuers } from "./list-issuers.ts";
import { ChannelToken, CreateChannelToken, CreateTokenIssuer, TokenIssuer } from "./schemas.ts";

const base = { tags: ["Channel tokens"], security: [{ apiKey: [] }] };
const ofIssuer = z.object({ id: z.string() });

const createToken = createRoute({
  ...base,
  method: "post",
  path: "/channel-tokens",
  summary: "Make a token that opens some channels for a time",
  description:
    "A JWT for browsers and others that must not hold an API key. It cannot be taken back before it expires, so keep its life short.",
  middleware: [requires("write"), idempotent] as const,
  request: { body: jsonBody(CreateChannelToken) },
  responses: { 201: jsonResponse(ChannelToken, "The token"), ...problems(413, 415, 422) },
});

const create = createRoute({
  ...base,
  method: "post",
  path: "/token-issuers",
  summary: "Let an identity provider's tokens open channels",
  description:
    'Its tokens have the organization\'s id as `aud`, an `exp`, and a claim `baton`: `{"subscribe":[patterns],"publish":[patterns]}`.',
  middleware: [requires("admin"), idempotent] as const,
  request: { body: jsonBody(CreateTokenIssuer) },
  responses: { 201: jsonResponse(TokenIssuer, "The issuer"), ...problems(409, 413, 415, 422) },
});

const list = createRoute({
  ...base,
  method: "get",
  path: "/token-issuers",
  summary: "List token issuers",
  middleware: [requires("read")] as const,
  request: { query: PageQuery },
  responses: { 200: jsonResponse(pageOf(TokenIssuer), "Newest first"), ...problems() },
});

const get = createRoute({
  ...base,
  method: "get",
  path: "/token-issuers/{id}",
  summary: "Get a token issuer",
  middleware: [requires("read")] as const,
  request: { params: ofIssuer },
  responses: { 200: jsonResponse(TokenIssuer, "The issuer"), ...problems(404) },
});

const remove = createRoute({
  ...base,
  method: "delete",
  path: "/token-issuers/{id}",
  summary: "Delete a token issuer: its tokens open nothing from then on",
  middleware: [requires("admin")] as const,
  request: { params: ofIssuer },
  responses: { 204: { description: "Deleted" }, ...problems(404) },
});

export const tokenRoutes = createRouter()
  .openapi(createToken, async (c) =>
    c.json(await createChannelToken(c.get("ctx"), c.req.valid("json")), 201),
  )
  .openapi(create, async (c) => c.json(await createIssuer(c.get("ctx"), c.req.valid("json")), 201))
  .openapi(list, async (c) => c.json(await listIssuers(c.get("ctx"), c.req.valid("query")), 200))
  .openapi(get, async (c) => c.json(await getIssuer(c.get("ctx"), c.req.valid("param").id), 200))
  .openapi(remove, async (c) => {
    await deleteIssuer(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });
