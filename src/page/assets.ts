// Text modules: `*.txt` and `*.html` are the two names that wrangler and the tests' runtime both import as text.
import api from "./client/api.js.txt";
import copy from "./client/copy.js.txt";
import details from "./client/details.js.txt";
import dom from "./client/dom.js.txt";
import format from "./client/format.js.txt";
import client from "./client/generated/baton-client.js.txt";
import health from "./client/health.js.txt";
import kakaoCss from "./client/kakao.css.txt";
import kakao from "./client/kakao.js.txt";
import kakaoAgents from "./client/kakao-agents.js.txt";
import kakaoChannels from "./client/kakao-channels.js.txt";
import kakaoCodes from "./client/kakao-codes.js.txt";
import kakaoTalk from "./client/kakao-talk.js.txt";
import list from "./client/list.js.txt";
import live from "./client/live.js.txt";
import css from "./client/page.css.txt";
import page from "./client/page.js.txt";
import pills from "./client/pills.js.txt";
import tabs from "./client/tabs.js.txt";

const JAVASCRIPT = "text/javascript; charset=utf-8";

/** What the page loads from `/assets/`, by file name. The browser links the scripts: they are plain ES modules. */
export const ASSETS: ReadonlyMap<string, { contentType: string; text: string }> = new Map([
  ["page.css", { contentType: "text/css; charset=utf-8", text: css }],
  ["kakao.css", { contentType: "text/css; charset=utf-8", text: kakaoCss }],
  ["page.js", { contentType: JAVASCRIPT, text: page }],
  ["api.js", { contentType: JAVASCRIPT, text: api }],
  ["copy.js", { contentType: JAVASCRIPT, text: copy }],
  ["details.js", { contentType: JAVASCRIPT, text: details }],
  ["dom.js", { contentType: JAVASCRIPT, text: dom }],
  ["format.js", { contentType: JAVASCRIPT, text: format }],
  ["health.js", { contentType: JAVASCRIPT, text: health }],
  ["kakao.js", { contentType: JAVASCRIPT, text: kakao }],
  ["kakao-agents.js", { contentType: JAVASCRIPT, text: kakaoAgents }],
  ["kakao-channels.js", { contentType: JAVASCRIPT, text: kakaoChannels }],
  ["kakao-codes.js", { contentType: JAVASCRIPT, text: kakaoCodes }],
  ["kakao-talk.js", { contentType: JAVASCRIPT, text: kakaoTalk }],
  ["list.js", { contentType: JAVASCRIPT, text: list }],
  ["live.js", { contentType: JAVASCRIPT, text: live }],
  ["pills.js", { contentType: JAVASCRIPT, text: pills }],
  ["tabs.js", { contentType: JAVASCRIPT, text: tabs }],
  ["baton-client.js", { contentType: JAVASCRIPT, text: client }],
]);
