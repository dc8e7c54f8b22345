import { html } from "hono/html";
import { exampleOf, type Schema, type Schemas } from "./docs-example.ts";
import { withCode } from "./docs-text.ts";

type Content = Record<string, { schema?: Schema }>;

/** An operation of the document, with what the page needs beside it. */
export type ShownOperation = {
  id: string;
  tag: string;
  method: string;
  path: string;
  summary?: string;
  description?: string;
  security?: object[];
  parameters?: {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema?: Schema;
  }[];
  requestBody?: { content: Content };
  responses?: Record<string, { description: string; content?: Content }>;
};

/** One operation: parameters, schemas and a curl call, under its own anchor. */
export function renderOperation(operation: ShownOperation, schemas: Schemas, appUrl: string) {
  const { id, method, path, summary, description, security, parameters = [] } = operation;
  const body = operation.requestBody?.content["application/json"]?.schema;
  return html`<section id="${id}">
<h3><a href="#${id}"><code><span class="method">${method.toUpperCase()}</span>${path}</code></a>
${security?.length ? "" : html`<span class="public">no key needed</span>`}</h3>
<p>${withCode(summary ?? "")}</p>
${description ? html`<p>${withCode(description)}</p>` : ""}
${parameters.length ? renderParameters(parameters) : ""}
${body ? html`<h4>Body</h4>${renderSchema(body)}` : ""}
<h4>Answers</h4>
<table>${Object.entries(operation.responses ?? {}).map(
    ([
      status,
      { description, content = {} },
    ]) => html`<tr><td><code>${status}</code></td><td>${withCode(description)}
${Object.entries(content).map(
  ([type, { schema }]) =>
    html`<div><code>${type}</code> ${schema ? renderSchema(schema) : ""}</div>`,
)}</td></tr>`,
  )}</table>
<h4>Example</h4>
<pre>${curlOf(operation, body, schemas, appUrl)}</pre>
</section>`;
}

function renderParameters(parameters: NonNullable<ShownOperation["parameters"]>) {
  return html`<h4>Parameters</h4><table>
<tr><th>Name</th><th>In</th><th>Value</th><th></th></tr>
${parameters.map(
  ({ name, in: place, required, description, schema }) => html`<tr>
<td><code>${name}</code>${required ? " (required)" : ""}</td><td>${place}</td>
<td>${schema ? typeText(schema) : ""}</td><td>${withCode(description ?? schema?.description ?? "")}</td></tr>`,
)}</table>`;
}

function typeText({ type, format, enum: values, default: fallback }: Schema): string {
  const kind = values ? values.map(String).join(" | ") : [type ?? "any"].flat().join(" | ");
  return `${kind}${format ? ` (${format})` : ""}${fallback === undefined ? "" : ` = ${JSON.stringify(fallback)}`}`;
}

function renderSchema(schema: Schema) {
  const name = schema.$ref?.split("/").at(-1);
  if (name) return html`<a href="#schema-${name}">${name}</a>`;
  return html`<details><summary>JSON Schema</summary><pre>${JSON.stringify(schema, null, 2)}</pre></details>`;
}

/** A call for a POSIX shell; `$BATON_KEY`, `$CHAT_TOKEN` and `$ID` are the reader's to set. */
function curlOf(
  { method, path, security }: ShownOperation,
  body: Schema | undefined,
  schemas: Schemas,
  appUrl: string,
): string {
  const url = appUrl + path.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`);
  const json = body && JSON.stringify(exampleOf(body, schemas)).replaceAll("'", "'\\''");
  return [
    `curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} "${url}"`,
    ...(security?.length ? [`-H "Authorization: Bearer ${keyOf(security)}"`] : []),
    ...(json === undefined ? [] : [`-H "content-type: application/json"`, `-d '${json}'`]),
  ].join(" \\\n  ");
}

function keyOf(security: object[]): string {
  return security.some((one) => "chatToken" in one) ? "$CHAT_TOKEN" : "$BATON_KEY";
}
