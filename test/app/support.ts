import { env, exports } from "cloudflare:workers";
import { sha256Hex } from "../../src/crypto.ts";
import { openControl, openEvents } from "../../src/db/client.ts";
import { apiKeys, organizations } from "../../src/db/schema/control.ts";
import { events } from "../../src/db/schema/events.ts";
import { newId } from "../../src/ids.ts";
import { readSse } from "../support/read-sse.ts";
import { waitFor } from "../support/wait-for.ts";

export const bindings = env as unknown as AppEnv;
export const control = openControl(bindings.DB);
export const shard = openEvents(bindings.EVENTS_0);

export type Tenant = { organizationId: string; key: string };
export type Json = Record<string, unknown>;
export type Answer = { status: number; json: Json; text: string; headers: Headers };

/** An organization with one key. */
export async function makeTenant(
  name: string,
  { scopes = ["admin"], isOperator = false } = {},
): Promise<Tenant> {
  const organizationId = newId("organization");
  await control
    .insert(organizations)
    .values({ id: organizationId, name, isOperator, createdAt: Date.now() });
  return { organizationId, key: await addKey(organizationId, scopes) };
}

export async function addKey(organizationId: string, scopes: string[]): Promise<string> {
  const key = `bt_${crypto.randomUUID()}`;
  await control.insert(apiKeys).values({
    id: newId("apiKey"),
    organizationId,
    name: "test",
    hash: await sha256Hex(key),
    hint: key.slice(-4),
    scopes,
    createdAt: Date.now(),
  });
  return key;
}

export function fetchApp(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(new Request(`http://localhost${path}`, init));
}

/** Calls the API as a tenant; a text body is sent as it is. */
export async function call(
  tenant: Tenant,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetchApp(
    /^\/((dashboard\/)?api|relay)\//.test(path) ? path : `/api/v1${path}`,
    {
      method,
      headers: {
        authorization: `Bearer ${tenant.key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    },
  );
  const type = response.headers.get("content-type") ?? "";
  const isStream = method !== "HEAD" && type.includes("event-stream");
  const text = isStream ? await readStart(response) : await response.text();
  const isJson = type.includes("json");
  return {
    status: response.status,
    text,
    json: isJson && text !== "" ? (JSON.parse(text) as Json) : {},
    headers: response.headers,
  };
}

/** What a live stream has to say at its start; behind that it says where it is. */
async function readStart(response: Response): Promise<string> {
  const stream = readSse(response);
  await stream.ready();
  await waitFor(() => stream.blocks.some(({ data, retry }) => !data && !retry), {
    what: "the stream's first position",
  });
  await stream.close();
  return stream.blocks.map(({ data }) => data).join("\n");
}

export function ids(answer: Answer): string[] {
  return (answer.json.data as { id: string }[]).map(({ id }) => id);
}

/** Dotted paths of a problem's wrong fields. */
export function wrongFields(answer: Answer): string[] {
  return ((answer.json.errors ?? []) as { path: string }[]).map(({ path }) => path);
}

/** Writes an event row as the edge does. */
export async function insertEvent(
  tenant: Tenant,
  more: Partial<typeof events.$inferInsert> = {},
  db = shard,
): Promise<string> {
  const receivedAt = more.receivedAt ?? Date.now();
  const id = more.id ?? newId("event", receivedAt, 0);
  await db.insert(events).values({
    organizationId: tenant.organizationId,
    sourceId: "src_none",
    senderName: "curl/8 192.0.2.1",
    method: "POST",
    host: "orders.localhost",
    path: "/orders",
    query: "",
    headers: [],
    size: more.body?.length ?? 0,
    sha256: "00",
    hops: 0,
    status: "routed",
    ...more,
    id,
    receivedAt,
  });
  return id;
}
