import { fromBase64 } from "../crypto.ts";
import type { TestRequest } from "./load-event.ts";
import type { TestEvent } from "./schemas.ts";

/** A made-up event as a request. What is left out is empty. */
export function testRequestOf(event: TestEvent): TestRequest {
  const headers = listHeaders(event.headers ?? []);
  const body = bodyOf(event);
  const contentType = headers.find(([name]) => name.toLowerCase() === "content-type");
  return {
    method: event.method.toUpperCase(),
    host: event.host ?? "",
    path: event.path,
    query: rawQuery(event.query ?? ""),
    headers,
    senderName: typeof event.sender === "object" ? event.sender.name : (event.sender ?? ""),
    contentType: contentType?.[1] ?? null,
    body,
    size: body.byteLength,
    receivedAt: event.receivedAt,
    isPhone: event.preset === "phone",
  };
}

function bodyOf({ body, bodyBase64 }: TestEvent): Uint8Array {
  if (bodyBase64 !== undefined) return fromBase64(bodyBase64);
  return new TextEncoder().encode(body ?? "");
}

function listHeaders(headers: NonNullable<TestEvent["headers"]>): [string, string][] {
  return Array.isArray(headers) ? headers : Object.entries(headers);
}

function rawQuery(query: NonNullable<TestEvent["query"]>): string {
  if (typeof query === "string") return query.replace(/^\?/, "");
  return new URLSearchParams(query).toString();
}
