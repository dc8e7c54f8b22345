import { html } from "hono/html";
import type { Schemas } from "./docs-example.ts";
import { renderOperation, type ShownOperation } from "./docs-operation.ts";
import { DOCS_STYLE } from "./docs-style.ts";
import { withCode } from "./docs-text.ts";
import { type Document, METHODS } from "./document.ts";

/** The reference as one page of HTML without scripts. `nonce` allows its style. */
export function renderDocs(document: Document, appUrl: string, nonce: string) {
  const schemas = (document.components?.schemas ?? {}) as Schemas;
  const byTag = Map.groupBy(listOperations(document), ({ tag }) => tag);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Baton API</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${DOCS_STYLE}</style>
</head>
<body>
<h1>Baton API <small>${document.info.version}</small></h1>
<p class="lines">${withCode(document.info.description ?? "")}</p>
<p>Server: <code>${appUrl}</code> · the same as JSON: <a href="/api/openapi.json">openapi.json</a></p>
<nav>${[...byTag].map(([tag, operations]) => renderIndex(tag, operations))}</nav>
<main>
${[...byTag].map(
  ([tag, operations]) => html`<h2>${tag}</h2>
${operations.map((operation) => renderOperation(operation, schemas, appUrl))}`,
)}
<h2>Schemas</h2>
${Object.entries(schemas).map(
  ([name, schema]) => html`<section id="schema-${name}"><h3>${name}</h3>
<details><summary>JSON Schema</summary><pre>${JSON.stringify(schema, null, 2)}</pre></details></section>`,
)}
</main>
</body>
</html>`;
}

function renderIndex(tag: string, operations: ShownOperation[]) {
  return html`<h3>${tag}</h3><ul>${operations.map(
    ({ id, method, path }) =>
      html`<li><a href="#${id}"><code>${method.toUpperCase()} ${path}</code></a></li>`,
  )}</ul>`;
}

function listOperations(document: Document): ShownOperation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const id = operation.operationId ?? `${method}-${path}`;
      const tag = operation.tags?.[0] ?? "Other";
      return [{ ...(operation as Omit<ShownOperation, "id" | "tag">), id, tag, method, path }];
    }),
  );
}
