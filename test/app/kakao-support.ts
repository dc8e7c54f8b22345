import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { createAdmin } from "../../src/admin/app.ts";
import { openBridge } from "../../src/channels/index.ts";
import { accountTopic, type Hint, readHint, sessionTopic } from "../../src/kakao/topics.ts";
import { bindings, call, fetchApp, type Json, makeTenant, type Tenant } from "./support.ts";

export type KakaoAnswer = { status: number; text: string; json: Json; headers: Headers };
export type Session = { sessionToken: string; pairingCode: string };

/** An address that no other call of this file has: calls without a token are counted by it. */
export function newAddress(): Record<string, string> {
  return { "cf-connecting-ip": `2001:db8:${hex()}:${hex()}::1` };
}

const hex = () => Math.floor(Math.random() * 0xffff).toString(16);

/** A tenant with a source of preset `kakao`. */
export async function makeChannel(slug: string): Promise<Tenant & { sourceId: string }> {
  const tenant = await makeTenant(`kakao-${slug}`);
  const { json } = await call(tenant, "POST", "/sources", { slug, preset: "kakao" });
  return { ...tenant, sourceId: String(json.id) };
}

async function read(response: Response): Promise<KakaoAnswer> {
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  return {
    status: response.status,
    text,
    json: isJson && text ? (JSON.parse(text) as Json) : {},
    headers: response.headers,
  };
}

/** Calls the relay; an object is sent as JSON. */
export async function relay(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<KakaoAnswer> {
  return read(
    await fetchApp(path, { method, headers: { ...newAddress(), ...headers }, body: bodyOf(body) }),
  );
}

/** Calls a relay whose variables or bindings are others. */
export async function relayWith(
  vars: object,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<KakaoAnswer> {
  const ctx = createExecutionContext();
  const init = { method, headers: { ...newAddress(), ...headers }, body: bodyOf(body), signal };
  const request = new Request(`http://localhost${path}`, init);
  const answer = await read(await createAdmin().fetch(request, { ...bindings, ...vars }, ctx));
  await waitOnExecutionContext(ctx);
  return answer;
}

function bodyOf(body: unknown): BodyInit | undefined {
  if (
    body === undefined ||
    typeof body === "string" ||
    body instanceof Uint8Array ||
    body instanceof ReadableStream
  ) {
    return body as BodyInit | undefined;
  }
  return JSON.stringify(body);
}

/** A skill request as Kakao sends it. */
export function skillRequest(user: string, utterance: string, more: Json = {}): Json {
  return {
    intent: { id: "5c", name: "폴백 블록", extra: { reason: { code: 0 } } },
    userRequest: {
      timezone: "Asia/Seoul",
      params: { surface: "Kakaotalk.plusfriend" },
      block: { id: "5c", name: "폴백 블록" },
      utterance,
      lang: "ko",
      user: {
        id: `bot-user-${user}`,
        type: "botUserKey",
        properties: { plusfriendUserKey: user, botUserKey: `bot-user-${user}` },
      },
      ...more,
    },
    bot: { id: "bot1", name: "비서" },
    action: { id: "5c", name: "agent", params: {}, detailParams: {}, clientExtra: {} },
    contexts: [],
  };
}

let callbacks = 0;

/** A callback URL that no other message has. */
export function callbackUrl(): string {
  return `https://bot-api.kakao.com/v1/bots/bot1/callback/${callbacks++}-${crypto.randomUUID()}`;
}

/** A user writes, with a callback URL as Kakao sends it when the block asks for one. */
export function say(user: string, text: string, path = "/kakao/webhook"): Promise<KakaoAnswer> {
  return relay("POST", path, skillRequest(user, text, { callbackUrl: callbackUrl() }));
}

/** The text that the user reads. */
export function textOf({ json }: KakaoAnswer): string {
  const { template } = json as { template?: { outputs: { simpleText: { text: string } }[] } };
  return (template?.outputs ?? []).map(({ simpleText }) => simpleText.text).join("\n---\n");
}

export async function openSession(prefix = ""): Promise<Session> {
  const { json } = await relay("POST", `${prefix}/v1/sessions/create`, {});
  return json as Session;
}

/** A session with one user. */
export async function pairUser(
  user: string,
  prefix = "",
): Promise<Session & { accountId: string }> {
  const session = await openSession(prefix);
  const webhook = prefix === "" ? "/kakao/webhook" : `${prefix}/webhook`;
  await say(user, `/pair ${session.pairingCode}`, webhook);
  return { ...session, accountId: String((await statusOf(session)).json.accountId) };
}

export function statusOf({ sessionToken }: Session): Promise<KakaoAnswer> {
  return relay("GET", `/v1/sessions/${sessionToken}/status`);
}

/** The hints that streams of a session or an account are told from now on. */
export async function listen(kind: "session" | "account", id: string): Promise<Hint[]> {
  const hints: Hint[] = [];
  const topic = kind === "session" ? sessionTopic(id) : accountTopic(id);
  const wish = {
    format: "json",
    batch: false,
    since: null,
    until: null,
    untilCode: 4401,
    slow: "drop",
  } as const;
  await openBridge(bindings.CHANNEL, topic, wish, {
    onMessage: (message, done) => {
      // The channel's own greeting is no hint.
      const hint = readHint(message as string);
      if (hint.kind) hints.push(hint);
      done();
    },
    onEnd: () => {},
  });
  return hints;
}
