import { createRoute, z } from "@hono/zod-openapi";
import { createRouter, jsonBody, jsonResponse, keyed, problems, requires } from "../admin/index.ts";
import { pageOf } from "../pagination.ts";
import { attemptCurl } from "./attempt-curl.ts";
import { cancelDelivery } from "./cancel-delivery.ts";
import { getDelivery } from "./get-delivery.ts";
import { groupFailures } from "./group-failures.ts";
import { listDeliveries } from "./list-deliveries.ts";
import { NotTaken, RecordAnswer, TakeEvent, Taken, TakeRetry } from "./listen-schemas.ts";
import { recordAnswer } from "./record-answer.ts";
import { replayEvent } from "./replay-event.ts";
import { retryDelivery } from "./retry-delivery.ts";
import {
  Delivery,
  DeliverySummary,
  FailureGroups,
  ListDeliveries,
  ReplayEvent,
  Replayed,
} from "./schemas.ts";
import { takeEvent } from "./take-event.ts";
import { takeRetry } from "./take-retry.ts";

const base = { tags: ["Deliveries"], security: [{ apiKey: [] }] };
const params = z.object({ id: z.string() });

const list = createRoute({
  ...base,
  method: "get",
  path: "/deliveries",
  summary: "List deliveries, or the failed ones by cause",
  description:
    "`status=failed&groupBy=reason` answers groups of failed deliveries: what to mend first, and an example of each.",
  middleware: [requires("read")] as const,
  request: { query: ListDeliveries },
  responses: {
    200: jsonResponse(
      z.union([pageOf(DeliverySummary), FailureGroups]),
      "Newest first; with `groupBy` the groups, largest first",
    ),
    ...problems(),
  },
});

const get = createRoute({
  ...base,
  method: "get",
  path: "/deliveries/{id}",
  summary: "Get a delivery with all its attempts",
  middleware: [requires("read")] as const,
  request: { params },
  responses: { 200: jsonResponse(Delivery, "The delivery"), ...problems(404) },
});

const curl = createRoute({
  ...base,
  method: "get",
  path: "/deliveries/{id}/attempts/{number}/curl",
  summary: "An attempt as a curl command; secrets are masked",
  description:
    "For bash and zsh. A body that is not text is piped through `base64 -d`; a large one is fetched from the event first, with your API key.",
  middleware: [requires("read")] as const,
  request: { params: params.extend({ number: z.coerce.number().int().min(1) }) },
  responses: {
    200: { description: "The command", content: { "text/plain": { schema: z.string() } } },
    ...problems(404),
  },
});

const retry = createRoute({
  ...base,
  method: "post",
  path: "/deliveries/{id}/retry",
  summary: "Try a delivery once more, now",
  middleware: [requires("write")] as const,
  request: { params },
  responses: { 202: jsonResponse(DeliverySummary, "It is due"), ...problems(404, 409) },
});

const cancel = createRoute({
  ...base,
  method: "post",
  path: "/deliveries/{id}/cancel",
  summary: "Cancel a waiting delivery",
  middleware: [requires("write")] as const,
  request: { params },
  responses: { 200: jsonResponse(DeliverySummary, "It is cancelled"), ...problems(404, 409) },
});

const replay = createRoute({
  ...base,
  tags: ["Events"],
  method: "post",
  path: "/events/{id}/replay",
  summary:
    "Deliver a stored event again, to its rules' destinations or to a named one, as it was or edited",
  middleware: [requires("write"), keyed] as const,
  request: { params, body: jsonBody(ReplayEvent) },
  responses: { 201: jsonResponse(Replayed, "The new deliveries"), ...problems(404, 413, 415, 422) },
});

const take = createRoute({
  ...base,
  method: "post",
  path: "/deliveries",
  summary:
    "Take an event for a `listen` destination: its delivery, claimed, with what is to be sent",
  description: "What `baton listen` does. An event is given to a destination once.",
  middleware: [requires("write"), keyed] as const,
  request: { body: jsonBody(TakeEvent) },
  responses: {
    201: jsonResponse(Taken, "Taken; send it and record the outcome"),
    200: jsonResponse(NotTaken, "Not taken, and why"),
    ...problems(404, 409, 413, 415, 422),
  },
});

const claim = createRoute({
  ...base,
  method: "post",
  path: "/deliveries/{id}/claim",
  summary: "Take a delivery that waits for a `listen` destination and is due",
  middleware: [requires("write")] as const,
  request: { params, body: jsonBody(TakeRetry) },
  responses: {
    200: jsonResponse(Taken, "Taken; send it and record the outcome"),
    ...problems(404, 409, 413, 415, 422),
  },
});

const outcome = createRoute({
  ...base,
  method: "post",
  path: "/deliveries/{id}/outcome",
  summary: "Record the outcome of a claimed delivery, as an attempt like any other",
  middleware: [requires("write")] as const,
  request: { params, body: jsonBody(RecordAnswer) },
  responses: {
    200: jsonResponse(DeliverySummary, "The delivery; `nextAttemptAt` when it is tried again"),
    ...problems(404, 409, 413, 415, 422),
  },
});

export const deliveryRoutes = createRouter()
  .openapi(list, async (c) => {
    const query = c.req.valid("query");
    const found = query.groupBy
      ? groupFailures(c.get("ctx"), query)
      : listDeliveries(c.get("ctx"), query);
    return c.json(await found, 200);
  })
  .openapi(get, async (c) => c.json(await getDelivery(c.get("ctx"), c.req.valid("param").id), 200))
  .openapi(curl, async (c) => {
    const { id, number } = c.req.valid("param");
    return c.text(await attemptCurl(c.get("ctx"), id, number), 200);
  })
  .openapi(retry, async (c) =>
    c.json(await retryDelivery(c.get("ctx"), c.req.valid("param").id), 202),
  )
  .openapi(cancel, async (c) =>
    c.json(await cancelDelivery(c.get("ctx"), c.req.valid("param").id), 200),
  )
  .openapi(take, async (c) => {
    const taken = await takeEvent(c.get("ctx"), c.req.valid("json"));
    return taken.claimed ? c.json(taken, 201) : c.json(taken, 200);
  })
  .openapi(claim, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await takeRetry(c.get("ctx"), id, c.req.valid("json")), 200);
  })
  .openapi(outcome, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await recordAnswer(c.get("ctx"), id, c.req.valid("json")), 200);
  })
  .openapi(replay, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await replayEvent(c.get("ctx"), id, c.req.valid("json")), 201);
  });
