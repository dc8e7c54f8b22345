// Text modules: `*.txt` and `*.html` are the two names that wrangler and the tests' runtime both import as text.
import api from "./client/api.js.txt";
import details from "./client/details.js.txt";
import dom from "./client/dom.js.txt";
import format from "./client/format.js.txt";
import client from "./client/generated/baton-client.js.txt";
import health from "./client/health.js.txt";
import list from "./client/list.js.txt";
import live from "./client/live.js.txt";
import css from "./client/page.css.txt";
import page from "./client/page.js.txt";
import pills from "./client/pills.js.txt";

const JAVASCRIPT = "text/javascript; charset=utf-8";

/** What the page loads from `/assets/`, by file name. The browser links the scripts: they are plain ES modules. */
export const ASSETS: ReadonlyMap<string, { contentType: string; text: string }> = new Map([
  ["page.css", { contentType: "text/css; charset=utf-8", text: css }],
  ["page.js", { contentType: JAVASCRIPT, text: page }],
  ["api.js", { contentType: JAVASCRIPT, text: api }],
  ["details.js", { contentType: JAVASCRIPT, text: details }],
  ["dom.js", { contentType: JAVASCRIPT, text: dom }],
  ["format.js", { contentType: JAVASCRIPT, text: format }],
  ["health.js", { contentType: JAVASCRIPT, text: health }],
  ["list.js", { contentType: JAVASCRIPT, text: list }],
  ["live.js", { contentType: JAVASCRIPT, text: live }],
  ["pills.js", { contentType: JAVASCRIPT, text: pills }],
  ["baton-client.js", { contentType: JAVASCRIPT, text: client }],
]);
