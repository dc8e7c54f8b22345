/** JSON Schema, as far as the reference page reads it. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  minimum?: number;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};

export type Schemas = Record<string, Schema>;

const MAX_EXAMPLE_DEPTH = 8;

/** The smallest value that a schema takes: required fields only, `<name>` where a text must be filled in. */
export function exampleOf(schema: Schema, schemas: Schemas, name = "text", depth = 0): unknown {
  if (depth > MAX_EXAMPLE_DEPTH) return null;
  const again = (inner: Schema, innerName = name) =>
    exampleOf(inner, schemas, innerName, depth + 1);
  const target = schema.$ref && schemas[schema.$ref.split("/").at(-1) ?? ""];
  if (target) return again(target);
  const fixed = [schema.const, schema.default, schema.enum?.[0]].find(
    (value) => value !== undefined,
  );
  if (fixed !== undefined) return fixed;
  const branch = schema.anyOf?.[0] ?? schema.oneOf?.[0] ?? schema.allOf?.[0];
  if (branch) return again(branch);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object") {
    const { properties = {}, required = [] } = schema;
    return Object.fromEntries(required.map((key) => [key, again(properties[key] ?? {}, key)]));
  }
  if (type === "array") return schema.minItems && schema.items ? [again(schema.items)] : [];
  if (type === "integer" || type === "number") return schema.minimum ?? 0;
  if (type === "boolean") return true;
  if (schema.format === "date-time") return "2026-11-21T09:00:00Z";
  return type === "string" ? `<${name}>` : null;
}
