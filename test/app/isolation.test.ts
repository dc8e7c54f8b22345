import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { exampleOf } from "../../src/admin/docs-example.ts";
import { alerts } from "../../src/db/schema/control.ts";
import { deliveries, strays } from "../../src/db/schema/events.ts";
import { newId } from "../../src/ids.ts";
import { waitFor } from "../support/wait-for.ts";
import { sampleInput } from "../unit/portals/sample-definition.ts";
import { bodySchema, type Call, callsOf, type Document, fetchDocument } from "./document.ts";
import {
  insertAccount,
  insertChannel,
  insertConversation,
  insertMessage,
  insertReply,
  insertSession,
} from "./kakao-rows.ts";
import {
  type Answer,
  call,
  control,
  insertEvent,
  type Json,
  makeTenant,
  shard,
  type Tenant,
} from "./support.ts";

/*
 * Organization B tries every route of the document on what belongs to A. The calls are made from the document, so a
 * new route is tried as soon as it is described (chat's users have no API key: chat-isolation.test.ts); a parameter that this test has no id for makes it fail.
 */

/** One of each thing that an organization can own, by the word that stands for it in paths and fields. */
type Owned = Record<
  | "sources"
  | "senders"
  | "destinations"
  | "rules"
  | "events"
  | "deliveries"
  | "api-keys"
  | "strays"
  | "alerts"
  | "ledger"
  | "token-issuers"
  | "issuers"
  | "organization"
  | "accounts"
  | "conversations"
  | "sessions"
  | "channels"
  | "portals"
  | "portal-definitions"
  | "evidence",
  string
>;
/** Which of them a field or query parameter means. */
const REFERENCES: Record<string, keyof Owned> = {
  sourceId: "sources",
  destinationId: "destinations",
  ruleId: "rules",
  eventId: "events",
};
/** Calls on the deployment, not on an organization: 403 for all but the operator, tested elsewhere. */
const DEPLOYMENT = ["POST /api/v1/jobs/{name}/run"];
/** Their names are each organization's own: the last test has two of one name. */
const CHANNELS = "/api/v1/channels/{name}/";
/** As are names of portal definitions: a put of A's name makes one of B's own. */
const PUT_DEFINITION = "PUT /api/v1/portal-definitions/{name}";
/** They say numbers and nothing that has an id. */
const COUNTS = ["/dashboard/api/overview", "/dashboard/api/access", "/relay/dual-session/status"];
/** 503 as long as nobody is logged in, which nobody is here. */
const ACTIVE = "/active";

let document: Document;
let calls: Call[];
let a: Tenant;
let b: Tenant;
let ofA: Owned;
let ofB: Owned;

beforeAll(async () => {
  document = await fetchDocument();
  calls = callsOf(document).filter(
    ({ method, path, operation }) =>
      operation.security.length > 0 &&
      !operation.security.some((requirement) => "chatToken" in requirement) &&
      ![...DEPLOYMENT, PUT_DEFINITION].includes(`${method} ${path}`) &&
      !path.startsWith(CHANNELS),
  );
  a = await makeTenant("isolation-a");
  b = await makeTenant("isolation-b");
  ofA = await furnish(a, "of-a");
  ofB = await furnish(b, "of-b");
});

const PAYMENT = new Uint8Array(
  new TextEncoder().encode("신한카드(1234)승인 홍*동 12,000원 스타벅스강남점"),
);

async function furnish(tenant: Tenant, name: string): Promise<Owned> {
  const create = async (path: string, body: object) => {
    const { status, json } = await call(tenant, "POST", path, body);
    expect([path, status]).toEqual([path, 201]);
    return String(json.id);
  };
  const sourceId = await create("/sources", { slug: name });
  const senderId = await create(`/sources/${sourceId}/senders`, { name });
  const destinationId = await create("/destinations", {
    name,
    kind: "http",
    config: { url: "https://receiver.example/hook" },
  });
  const ruleId = await create("/rules", { sourceId, destinationId, name, match: {} });
  const keyId = await create("/api-keys", { name, scopes: ["read"] });
  const issuerId = await create("/token-issuers", {
    issuer: `https://${name}.example/`,
    jwksUrl: "https://login.example.org/jwks.json",
  });
  const chatIssuerId = await create("/chat/issuers", {
    issuer: `https://${name}.example/`,
    audience: name,
    jwksUrl: "https://login.example.org/jwks.json",
  });
  const eventId = await insertEvent(tenant, { sourceId, body: new Uint8Array([1, 2, 3]) });
  const { organizationId } = tenant;
  const deliveryId = newId("delivery", Date.now(), 0);
  await shard.insert(deliveries).values({
    id: deliveryId,
    organizationId,
    eventId,
    sourceId,
    ruleId,
    destinationId,
    status: "retrying",
    createdAt: Date.now(),
    nextAttemptAt: Date.now() + 3_600_000,
    attempt: 1,
    attemptId: newId("attempt"),
    startedAt: Date.now(),
    request: { method: "POST", url: "https://receiver.example/hook", headers: [] },
  });
  const stray = { method: "GET", path: "/", query: "", headers: [], size: 0, reason: "test" };
  const strayId = newId("stray");
  await shard
    .insert(strays)
    .values({ ...stray, id: strayId, organizationId, host: name, receivedAt: Date.now() });
  return {
    sources: sourceId,
    senders: senderId,
    destinations: destinationId,
    rules: ruleId,
    events: eventId,
    deliveries: deliveryId,
    "api-keys": keyId,
    strays: strayId,
    alerts: await furnishAlert(organizationId, destinationId),
    "token-issuers": issuerId,
    issuers: chatIssuerId,
    organization: organizationId,
    ...(await furnishKakao(tenant, name)),
    ...(await furnishPortal(tenant, name)),
    ledger: await insertEvent(tenant, { sourceId, body: PAYMENT }),
  };
}

/** A channel with a paired user. `channels` is its source. */
async function furnishKakao(tenant: Tenant, name: string) {
  const owner = await insertChannel(tenant, `${name}-kakao`);
  const accounts = await insertAccount(owner);
  await insertReply(accounts, await insertMessage(owner, accounts, "hello"));
  return {
    accounts,
    sessions: await insertSession(owner, { status: "paired", accountId: accounts }),
    conversations: await insertConversation(owner, accounts, `${name}:user`),
    channels: owner.sourceId,
  };
}

/** The site refuses its password: it makes no login any more, and has kept evidence (test/app/browser-worker.ts). */
async function furnishPortal(tenant: Tenant, name: string) {
  const { code: _, ...login } = sampleInput().login;
  const definition = sampleInput({ login });
  expect((await call(tenant, "PUT", `/portal-definitions/${name}`, definition)).status).toBe(200);
  const portal = { name, definition: name, baseUrl: "https://site.example" };
  const id = String((await call(tenant, "POST", "/portals", portal)).json.id);
  const account = { username: "refused", password: "x" };
  await call(tenant, "PUT", `/portals/${id}/credentials`, account);
  const evidence = await waitFor(
    async () => {
      const { json } = await call(tenant, "GET", `/portals/${id}/session-pair/status`);
      return (json.hold as { evidenceId?: string } | null)?.evidenceId ?? undefined;
    },
    { what: "the evidence of a refused password" },
  );
  return { portals: id, "portal-definitions": name, evidence };
}

async function furnishAlert(organizationId: string, destinationId: string): Promise<string> {
  const id = newId("alert");
  await control.insert(alerts).values({
    id,
    organizationId,
    check: `destination:${destinationId}`,
    kind: "failing",
    summary: `${destinationId} only fails`,
    link: `/dashboard#${destinationId}`,
    createdAt: Date.now(),
    status: "unsent",
  });
  return id;
}

/** The path with an owner's ids in it: `{id}` is of the kind that the word before it names. */
function concrete(path: string, owned: Owned): string {
  return path.replaceAll(/([^/]+)\/\{(\w+)\}/g, (_, word: string, name: string) => {
    // The number of the only attempt.
    if (name === "number") return `${word}/1`;
    const id = owned[word as keyof Owned];
    if (!["id", "senderId", "conversationId", "evidenceId", "name"].includes(name) || !id)
      throw new Error(`${path}: teach this test an id for {${name}}`);
    return `${word}/${id}`;
  });
}

/** A body that the schema takes, with the owner's ids wherever a field refers to something. */
function bodyWith(one: Call, owned: Owned): Json | undefined {
  const schema = bodySchema(document, one);
  if (!schema) return undefined;
  const body = exampleOf(schema, document.components.schemas) as Json;
  for (const name of Object.keys(schema.properties ?? {})) {
    const word = REFERENCES[name];
    if (word) body[name] = owned[word];
  }
  return body;
}

function expectNothingOf(owned: Owned, answer: Answer, where: string) {
  const leaked = Object.values(owned).filter((id) => answer.text.includes(id));
  expect({ where, leaked }).toEqual({ where, leaked: [] });
}

/** Calls on a thing. A channel has a name and no id: test/app/channels.test.ts shows that A's and B's are two. */
const onThings = () =>
  calls.filter(({ path }) => path.includes("{") && !path.includes("/channels/{name}"));

it("what has an id of A in its path is 404 for B", async () => {
  const tried = onThings();
  expect(tried.length).toBeGreaterThan(15);
  for (const one of tried) {
    const path = concrete(one.path, ofA);
    const answer = await call(b, one.method, path, bodyWith(one, ofB));
    expect([one.method, one.path, answer.status]).toEqual([one.method, one.path, 404]);
  }
});

it("the same calls are found for A itself", async () => {
  for (const one of onThings().filter(({ method }) => method === "GET")) {
    const { status } = await call(a, "GET", concrete(one.path, ofA));
    expect([one.path, status]).toEqual([one.path, one.path.endsWith(ACTIVE) ? 503 : 200]);
  }
});

it("no list of B has anything of A, whatever it is filtered by", async () => {
  const lists = calls.filter(
    ({ method, path }) => method === "GET" && !path.includes("{") && !path.endsWith(ACTIVE),
  );
  expect(lists.length).toBeGreaterThan(5);
  for (const { path, operation } of lists) {
    const parameters = operation.parameters ?? [];
    const isPaged = parameters.some(({ name }) => name === "limit");
    // A live stream is a list too: that of what there is when it begins.
    const isLive = path.endsWith("/live");
    const query = isPaged ? "?limit=100" : isLive ? "?since=all" : "";
    const all = await call(b, "GET", path + query);
    expect([path, all.status]).toEqual([path, 200]);
    expectNothingOf(ofA, all, path);
    if (COUNTS.includes(path)) continue;
    const kind = isLive ? "events" : (path.split("/").at(-1) as keyof Owned);
    expect(all.text, `${path} shows B its own`).toContain(ofB[kind]);
    for (const { name } of parameters) {
      const word = REFERENCES[name];
      if (!word) continue;
      const { json } = await call(b, "GET", `${path}?${name}=${ofA[word]}`);
      expect([path, name, json.data ?? json.entries]).toEqual([path, name, []]);
    }
  }
});

it("no body of B may refer to what is A's", async () => {
  for (const one of calls) {
    const schema = bodySchema(document, one);
    const names = Object.keys(schema?.properties ?? {}).filter((name) => REFERENCES[name]);
    for (const name of names) {
      const word = REFERENCES[name];
      if (!word) continue;
      const body = { ...bodyWith(one, ofB), [name]: ofA[word] };
      // Fields that exclude each other are not sent together.
      if (one.path.endsWith("/rules/test")) delete (body as Json).event;
      const answer = await call(b, one.method, concrete(one.path, ofB), body);
      expect([404, 422], `${one.method} ${one.path} ${name}: ${answer.text}`).toContain(
        answer.status,
      );
      const told = answer.text.replaceAll(ofA[word], "");
      expect(told, "only what B sent comes back").not.toMatch(
        new RegExp(Object.values(ofA).join("|")),
      );
    }
  }
});

it("after all of it A's things are as they were", async () => {
  const delivery = await shard.select().from(deliveries).where(eq(deliveries.eventId, ofA.events));
  expect(delivery).toMatchObject([{ id: ofA.deliveries, status: "retrying" }]);
  for (const one of onThings().filter(({ method }) => method === "GET")) {
    if (one.path.endsWith(ACTIVE)) continue;
    expect((await call(a, "GET", concrete(one.path, ofA))).status).toBe(200);
  }
  expect((await call(a, "GET", "/api-keys")).text).toContain(ofA["api-keys"]);
});

it("channels of one name in two organizations are two", async () => {
  const ofBoth = "/channels/isolation/";
  const published = await call(a, "POST", `${ofBoth}publish`, { data: "of a" });
  expect(published.status).toBe(200);
  const own = await call(b, "POST", `${ofBoth}publish`, { data: "of b" });
  const [id] = own.json.ids as string[];
  const polled = await call(b, "GET", `${ofBoth}poll?since=all`);
  expect(polled.json).toMatchObject({ data: [{ id, data: "of b" }], next: id });
  const [first] = published.json.ids as string[];
  expect((await call(a, "GET", `${ofBoth}poll?since=all`)).json).toMatchObject({
    data: [{ id: first, data: "of a" }],
  });
});

it("portal definitions of one name in two organizations are two", async () => {
  const path = `/portal-definitions/${ofA["portal-definitions"]}`;
  const put = await call(b, "PUT", path, sampleInput({ origins: ["{base}", "https://b.example"] }));
  expect(put.status).toBe(200);
  expect((await call(a, "GET", path)).text).not.toContain("https://b.example");
  expect((await call(b, "DELETE", path)).status).toBe(204);
  expect((await call(a, "GET", path)).status).toBe(200);
});
