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
import { countSenders } from "./count-senders.ts";
import { createSender } from "./create-sender.ts";
import { deleteSender } from "./delete-sender.ts";
import { getSender } from "./get-sender.ts";
import { listSenders } from "./list-senders.ts";
import {
  CountSenders,
  CreatedSender,
  CreateSender,
  Sender,
  SenderCounts,
  UpdateSender,
} from "./schemas.ts";
import { updateSender } from "./update-sender.ts";

const base = { tags: ["Senders"], security: [{ apiKey: [] }] };
const ofSource = z.object({ id: z.string() });
const ofSender = z.object({ id: z.string(), senderId: z.string() });

const create = createRoute({
  ...base,
  method: "post",
  path: "/sources/{id}/senders",
  summary: "Register a sender of a source; its key is shown once",
  description:
    "The key goes in the path (`/~<key>/…`), the header `x-baton-sender` or the query (`sender=<key>`), and is cut off before anything is stored. 409 when the name or a key of its own is taken in the source.",
  middleware: [requires("write"), idempotent] as const,
  request: { params: ofSource, body: jsonBody(CreateSender) },
  responses: {
    201: jsonResponse(CreatedSender, "The sender, its key, and where it sends to"),
    ...problems(404, 409, 413, 415, 422),
  },
});

const list = createRoute({
  ...base,
  method: "get",
  path: "/sources/{id}/senders",
  summary: "List a source's senders",
  middleware: [requires("read")] as const,
  request: { params: ofSource, query: PageQuery },
  responses: { 200: jsonResponse(pageOf(Sender), "Newest first"), ...problems(404) },
});

const counts = createRoute({
  ...base,
  method: "get",
  path: "/sources/{id}/senders/counts",
  summary: "Who called a source, and how often: registered, verified and unidentified senders",
  middleware: [requires("read")] as const,
  request: { params: ofSource, query: CountSenders },
  responses: { 200: jsonResponse(SenderCounts, "The counts"), ...problems(404) },
});

const get = createRoute({
  ...base,
  method: "get",
  path: "/sources/{id}/senders/{senderId}",
  summary: "Get a sender",
  middleware: [requires("read")] as const,
  request: { params: ofSender },
  responses: { 200: jsonResponse(Sender, "The sender"), ...problems(404) },
});

const update = createRoute({
  ...base,
  method: "patch",
  path: "/sources/{id}/senders/{senderId}",
  summary: "Rename, mute, block or let in a sender; effective within 5 s",
  description:
    "What is left out stays; `match` is replaced as a whole, `null` removes it. Events that are stored keep the name they came with.",
  middleware: [requires("write")] as const,
  request: { params: ofSender, body: jsonBody(UpdateSender) },
  responses: { 200: jsonResponse(Sender, "The sender"), ...problems(404, 409, 413, 415, 422) },
});

const remove = createRoute({
  ...base,
  method: "delete",
  path: "/sources/{id}/senders/{senderId}",
  summary: "Delete a sender: its key gets 401 from then on; its events stay",
  middleware: [requires("write")] as const,
  request: { params: ofSender },
  responses: { 204: { description: "Deleted" }, ...problems(404) },
});

// `counts` stands before the call that would take it for an id.
export const senderRoutes = createRouter()
  .openapi(create, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await createSender(c.get("ctx"), id, c.req.valid("json")), 201);
  })
  .openapi(list, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await listSenders(c.get("ctx"), id, c.req.valid("query")), 200);
  })
  .openapi(counts, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await countSenders(c.get("ctx"), id, c.req.valid("query")), 200);
  })
  .openapi(get, async (c) => {
    const { id, senderId } = c.req.valid("param");
    return c.json(await getSender(c.get("ctx"), id, senderId), 200);
  })
  .openapi(update, async (c) => {
    const { id, senderId } = c.req.valid("param");
    return c.json(await updateSender(c.get("ctx"), id, senderId, c.req.valid("json")), 200);
  })
  .openapi(remove, async (c) => {
    const { id, senderId } = c.req.valid("param");
    await deleteSender(c.get("ctx"), id, senderId);
    return c.body(null, 204);
  });
