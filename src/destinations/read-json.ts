import { jsonObjectOf } from "../json-object.ts";

/** A service's answer as an object; empty when it is no JSON object, as some other server's page. */
export function readObject(text: string): Record<string, unknown> {
  return jsonObjectOf(text) ?? {};
}

/** A field as text: numbers too, as services write codes both ways; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
