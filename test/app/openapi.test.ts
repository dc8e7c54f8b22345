import { beforeAll, describe, expect, it } from "vitest";
import { exampleOf } from "../../src/admin/docs-example.ts";
import { CALLS } from "../../src/chat-rest/calls.ts";
import { makeChat } from "./chat-callers.ts";
import {
  bodySchema,
  type Call,
  callsOf,
  type Document,
  fetchDocument,
  resolve,
  type StrictSchema,
} from "./document.ts";
import { call, fetchApp, makeTenant } from "./support.ts";

/** What anybody may call without a key. */
const PUBLIC = [
  "GET /",
  "GET /.well-known/baton/signing-keys/{id}",
  "GET /api/docs",
  "GET /api/openapi.json",
  "GET /assets/{file}",
  "GET /chat/",
  "GET /chat/assets/{file}",
  "GET /dashboard",
  "GET /health",
  "GET /in/{slug}/{path}",
  "GET /v1/events",
  "GET /v1/sessions/{token}/status",
  "GET /webhook/sms",
  "GET /webhook/sms/{key}",
  "POST /in/{slug}/{path}",
  "POST /kakao/webhook",
  "POST /openclaw/reply",
  "POST /v1/sessions/create",
  "POST /v1/sessions/{token}/codes",
  "POST /webhook/sms",
  "POST /webhook/sms/{key}",
];

let document: Document;
let calls: Call[];
beforeAll(async () => {
  await makeChat("chat");
  document = await fetchDocument();
  calls = callsOf(document);
});

function isChat({ operation }: Call): boolean {
  return operation.security.some((requirement) => "chatToken" in requirement);
}

function* nodesOf(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* nodesOf(inner);
}

describe("the document is OpenAPI 3.1", () => {
  it("says where and what it is", () => {
    expect(document).toMatchObject({
      openapi: "3.1.0",
      info: { title: "Baton", version: expect.stringMatching(/^\d/) },
      servers: [{ url: "http://localhost:8787" }],
      components: { securitySchemes: { apiKey: { type: "http", scheme: "bearer" } } },
    });
  });

  it("every operation has a unique id, a summary, one tag, and described responses", () => {
    const operationIds = calls.map(({ operation }) => operation.operationId);
    expect(new Set(operationIds).size).toBe(operationIds.length);
    const faults = calls.flatMap(({ method, path, operation }) => {
      const responses = Object.entries(operation.responses);
      const isFine =
        operation.summary &&
        operation.tags?.length === 1 &&
        responses.length > 0 &&
        responses.every(([status, { description }]) => /^[1-5]\d\d$/.test(status) && description);
      return isFine ? [] : [`${method} ${path}`];
    });
    expect(faults).toEqual([]);
  });

  it("every path parameter is declared, and every declared one is in the path", () => {
    for (const { method, path, operation } of calls) {
      expect(path).toMatch(/^\/[^?#]*$/);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = operation.parameters ?? [];
      const declared = parameters.filter(({ in: place }) => place === "path");
      expect(
        declared.map(({ name }) => name),
        `${method} ${path}`,
      ).toEqual(inPath);
      expect(declared.every(({ required }) => required)).toBe(true);
      const places = parameters.map(({ in: place, name }) => `${place} ${name}`);
      expect(new Set(places).size).toBe(places.length);
      for (const { schema } of parameters) expect(schema).toBeTypeOf("object");
    }
  });

  it("every reference leads somewhere, and nothing is left over from 3.0", () => {
    for (const node of nodesOf(document)) {
      if (typeof node.$ref === "string") resolve(document, node as StrictSchema);
      expect(node).not.toHaveProperty("nullable");
      expect(node.exclusiveMinimum).not.toBeTypeOf("boolean");
    }
    for (const name of Object.keys(document.components.schemas)) {
      expect(name).toMatch(/^[A-Za-z0-9._-]+$/);
    }
  });

  it("every operation needs a key, or is known to be public", () => {
    const open = calls.filter(({ operation }) => !operation.security.length);
    expect(open.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(PUBLIC);
    for (const { operation } of calls) {
      for (const requirement of operation.security) {
        expect([["apiKey"], ["channelToken"], ["chatToken"]]).toContainEqual(
          Object.keys(requirement),
        );
      }
    }
  });
});

describe("the document says what is so", () => {
  it("without a key everything but the public calls is 401", async () => {
    for (const { method, path, operation } of calls) {
      if (!operation.security.length) continue;
      const response = await fetchApp(path.replaceAll(/\{\w+\}/g, "x"), { method });
      expect(response.status, `${method} ${path}`).toBe(401);
      await response.body?.cancel();
    }
  });

  it("has every call of chat, and its sockets", () => {
    const described = calls.filter(isChat).map(({ method, path }) => `${method} ${path}`);
    const served = CALLS.map(
      ({ method, path }) => `${method} /chat${path.replaceAll(/:(\w+)/g, "{$1}")}`,
    );
    expect(described.toSorted()).toEqual(
      [...served, "GET /chat/ws", "GET /chat/presence-ws"].toSorted(),
    );
  });

  it("has nothing that a later version brings", () => {
    const create = document.components.schemas.CreateSource?.properties ?? {};
    expect(Object.keys(create).toSorted()).toEqual(
      [
        "slug",
        "name",
        "hostnames",
        "preset",
        "requireSender",
        "response",
        "verification",
        "dedup",
        "retentionDays",
        "enabled",
      ].toSorted(),
    );
    const list = document.paths["/api/v1/events"]?.get?.parameters ?? [];
    expect(list.map(({ name }) => name)).not.toContain("q");
  });

  it("every request schema refuses unknown fields, also inside", () => {
    const open = calls.flatMap((one) => {
      const schema = bodySchema(document, one);
      return schema ? openObjects(document, schema, `${one.method} ${one.path}`) : [];
    });
    expect(open).toEqual([]);
  });

  it("and so does every route", async () => {
    const admin = await makeTenant("openapi-admin");
    for (const one of calls) {
      const schema = bodySchema(document, one);
      // The relay's callers may send more: so says its contract. Chat's users have no API key: chat-router.test.ts.
      if (!schema || one.path === "/openclaw/reply" || isChat(one)) continue;
      const example = exampleOf(schema, document.components.schemas) as object;
      const path = one.path.replaceAll(/\{\w+\}/g, "x");
      const answer = await call(admin, one.method, path, { ...example, inventedField: 1 });
      expect([answer.status, answer.text], `${one.method} ${one.path}`).toEqual([
        422,
        expect.stringContaining("inventedField"),
      ]);
    }
  });

  it("whatever creates reads the Idempotency-Key", async () => {
    const admin = await makeTenant("openapi-idempotency");
    for (const { method, path, operation } of calls) {
      const names = (operation.parameters ?? []).map(({ name }) => name);
      if (!names.includes("Idempotency-Key")) continue;
      const concrete = path.replaceAll(/\{\w+\}/g, "x");
      const headers = { "idempotency-key": "k".repeat(300) };
      const answer = await call(admin, method, concrete, {}, headers);
      expect([answer.status, answer.json.detail], `${method} ${path}`).toEqual([
        422,
        expect.stringContaining("Idempotency-Key"),
      ]);
    }
  });
});

describe("GET /api/docs", () => {
  it("shows every operation and schema, and loads nothing", async () => {
    const response = await fetchApp("/api/docs");
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html; charset=utf-8$/i);
    const policy = response.headers.get("content-security-policy") ?? "";
    const nonce = policy.match(/style-src 'nonce-([^']+)'/)?.[1];
    expect(policy).toContain("default-src 'none'");
    expect(page).toContain(`<style nonce="${nonce}">`);
    expect(page).not.toMatch(/<script|src="|url\(|@import/);
    for (const { operation } of calls) {
      expect(page).toContain(`<section id="${operation.operationId}">`);
      expect(page).toContain(`href="#${operation.operationId}"`);
    }
    for (const name of Object.keys(document.components.schemas)) {
      expect(page).toContain(`<section id="schema-${name}">`);
    }
    expect(page).toContain("curl -X POST &quot;http://localhost:8787/api/v1/sources&quot;");
  });
});

/** Places of objects that name their fields and yet take others. One that maps names to values says what those are. */
function openObjects(
  doc: Document,
  schema: StrictSchema,
  where: string,
  seen = new Set<object>(),
): string[] {
  const target = resolve(doc, schema);
  if (seen.has(target)) return [];
  seen.add(target);
  const inner = [
    ...Object.entries(target.properties ?? {}),
    ...(["anyOf", "oneOf", "allOf"] as const).flatMap((key) => Object.entries(target[key] ?? [])),
    ...(target.items ? [["[]", target.items] as const] : []),
  ];
  return [
    ...(target.properties && target.additionalProperties === undefined ? [where] : []),
    ...inner.flatMap(([name, next]) => openObjects(doc, next, `${where} ${name}`, seen)),
  ];
}
