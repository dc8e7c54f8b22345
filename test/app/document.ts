import type { Schema } from "../../src/admin/docs-example.ts";
import { fetchApp } from "./support.ts";

export type StrictSchema = Schema & { additionalProperties?: boolean | Schema; pattern?: string };
export type Parameter = { name: string; in: string; required?: boolean; schema: StrictSchema };
export type Operation = {
  operationId: string;
  summary?: string;
  tags?: string[];
  security: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema: StrictSchema }> };
  responses: Record<
    string,
    { description: string; content?: Record<string, { schema: StrictSchema }> }
  >;
};
export type Document = {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, StrictSchema>;
    securitySchemes: Record<string, { type: string; scheme: string }>;
  };
};

export type Call = { method: string; path: string; operation: Operation };

/** The document as a client gets it. */
export async function fetchDocument(): Promise<Document> {
  const response = await fetchApp("/api/openapi.json");
  return response.json();
}

export function callsOf(document: Document): Call[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}

/** The schema of the JSON body, its reference followed. */
export function bodySchema(document: Document, { operation }: Call): StrictSchema | undefined {
  const schema = operation.requestBody?.content["application/json"]?.schema;
  return schema && resolve(document, schema);
}

export function resolve(document: Document, schema: StrictSchema): StrictSchema {
  if (!schema.$ref) return schema;
  const found = document.components.schemas[schema.$ref.replace("#/components/schemas/", "")];
  if (!found) throw new Error(`${schema.$ref} leads nowhere`);
  return found;
}
