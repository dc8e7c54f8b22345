import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { createAdmin } from "../../src/admin/app.ts";
import { bindings, call, fetchApp, type Json, makeTenant, type Tenant } from "./support.ts";

export type ChatTenant = Tenant & { sourceId: string; slug: string };
export type ChatAnswer = { status: number; text: string; json: Json; headers: Headers };
/** Somebody with a token. */
export type Chatter = {
  id: string;
  token: string;
  /** Calls chat; an object is sent as JSON. */
  call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<ChatAnswer>;
};

/** An organization with a source of preset `chat`; the deployment's own is `chat`. */
export async function makeChat(slug: string): Promise<ChatTenant> {
  const tenant = await makeTenant(`chat-${slug}`);
  const { json } = await call(tenant, "POST", "/sources", { slug, preset: "chat" });
  return { ...tenant, sourceId: String(json.id), slug };
}

/** A user of the organization, signed in by a token of ours. `prefix`: before the paths of their calls. */
export async function makeChatter(
  tenant: ChatTenant,
  id: string,
  { name, prefix = tenant.slug === "chat" ? "/chat" : `/chat/${tenant.slug}` }: ChatterOptions = {},
): Promise<Chatter> {
  const wanted = { userId: id, name, expiresInSeconds: 3600 };
  const { json } = await call(tenant, "POST", "/chat/tokens", wanted);
  const token = String(json.token);
  return {
    id,
    token,
    call: (method, path, body, headers = {}) =>
      callChat(method, prefix + path, body, { authorization: token, ...headers }),
  };
}
type ChatterOptions = { name?: string; prefix?: string };

/** Calls chat as anybody. */
export async function callChat(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ChatAnswer> {
  return read(await fetchApp(path, { method, headers, body: bodyOf(body) }));
}

/** Calls a chat whose variables or bindings are others. */
export async function callChatWith(
  vars: object,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ChatAnswer> {
  const ctx = createExecutionContext();
  const request = new Request(`http://localhost${path}`, { method, headers, body: bodyOf(body) });
  const answer = await read(await createAdmin().fetch(request, { ...bindings, ...vars }, ctx));
  await waitOnExecutionContext(ctx);
  return answer;
}

function bodyOf(body: unknown): BodyInit | undefined {
  const isReady = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  return isReady ? (body as BodyInit | undefined) : JSON.stringify(body);
}

async function read(response: Response): Promise<ChatAnswer> {
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  return {
    status: response.status,
    text,
    json: isJson && text ? (JSON.parse(text) as Json) : {},
    headers: response.headers,
  };
}
