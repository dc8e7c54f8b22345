import { createRoute, z } from "@hono/zod-openapi";
import {
  createRouter,
  idempotent,
  jsonBody,
  jsonResponse,
  problems,
  requires,
  requiresWriteOrLocalPage,
} from "../admin/index.ts";
import { PageQuery, pageOf } from "../pagination.ts";
import { createChatToken } from "./create-chat-token.ts";
import { createIssuer } from "./create-issuer.ts";
import { deleteIssuer } from "./delete-issuer.ts";
import { getIssuer } from "./get-issuer.ts";
import { listIssuers } from "./list-issuers.ts";
import {
  ChatIssuer,
  ChatToken,
  CreateChatIssuer,
  CreateChatToken,
  UpdateChatIssuer,
} from "./schemas.ts";
import { updateIssuer } from "./update-issuer.ts";

const base = { tags: ["Chat sign-in"], security: [{ apiKey: [] }] };
const ofIssuer = z.object({ id: z.string() });

const createToken = createRoute({
  ...base,
  method: "post",
  path: "/chat/tokens",
  summary: "Make a token that signs a user in to chat for a time",
  description:
    "A JWT for an app's users, where no identity provider signs them in. It cannot be taken back before it expires, so keep its life short.",
  middleware: [requiresWriteOrLocalPage, idempotent] as const,
  request: { body: jsonBody(CreateChatToken) },
  responses: { 201: jsonResponse(ChatToken, "The token"), ...problems(413, 415, 422) },
});

const create = createRoute({
  ...base,
  method: "post",
  path: "/chat/issuers",
  summary: "Let an identity provider's tokens sign users in to chat",
  description:
    "Its tokens have an `exp`, the audience in `aud`, and the user's id in the claim that `userClaim` names. Users of all issuers of an organization are known by one set of ids.",
  middleware: [requires("admin"), idempotent] as const,
  request: { body: jsonBody(CreateChatIssuer) },
  responses: { 201: jsonResponse(ChatIssuer, "The issuer"), ...problems(409, 413, 415, 422) },
});

const list = createRoute({
  ...base,
  method: "get",
  path: "/chat/issuers",
  summary: "List chat issuers",
  middleware: [requires("read")] as const,
  request: { query: PageQuery },
  responses: { 200: jsonResponse(pageOf(ChatIssuer), "Newest first"), ...problems() },
});

const get = createRoute({
  ...base,
  method: "get",
  path: "/chat/issuers/{id}",
  summary: "Get a chat issuer",
  middleware: [requires("read")] as const,
  request: { params: ofIssuer },
  responses: { 200: jsonResponse(ChatIssuer, "The issuer"), ...problems(404) },
});

const update = createRoute({
  ...base,
  method: "patch",
  path: "/chat/issuers/{id}",
  summary: "Change a chat issuer; what is left out stays",
  description: "With another `userClaim` its users are others: they no longer see what was theirs.",
  middleware: [requires("admin")] as const,
  request: { params: ofIssuer, body: jsonBody(UpdateChatIssuer) },
  responses: { 200: jsonResponse(ChatIssuer, "The issuer"), ...problems(404, 409, 413, 415, 422) },
});

const remove = createRoute({
  ...base,
  method: "delete",
  path: "/chat/issuers/{id}",
  summary: "Delete a chat issuer: its tokens sign nobody in from then on",
  middleware: [requires("admin")] as const,
  request: { params: ofIssuer },
  responses: { 204: { description: "Deleted" }, ...problems(404) },
});

export const chatAuthRoutes = createRouter()
  .openapi(createToken, async (c) =>
    c.json(await createChatToken(c.get("ctx"), c.req.valid("json")), 201),
  )
  .openapi(create, async (c) => c.json(await createIssuer(c.get("ctx"), c.req.valid("json")), 201))
  .openapi(list, async (c) => c.json(await listIssuers(c.get("ctx"), c.req.valid("query")), 200))
  .openapi(get, async (c) => c.json(await getIssuer(c.get("ctx"), c.req.valid("param").id), 200))
  .openapi(update, async (c) =>
    c.json(await updateIssuer(c.get("ctx"), c.req.valid("param").id, c.req.valid("json")), 200),
  )
  .openapi(remove, async (c) => {
    await deleteIssuer(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });
