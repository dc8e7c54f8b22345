import { ASSETS } from "../page/index.ts";
// Text modules, like those of the first page.
import access from "./client/access.js.txt";
import css from "./client/chat.css.txt";
import chat from "./client/chat.js.txt";
import composer from "./client/composer.js.txt";
import list from "./client/list.js.txt";
import outbox from "./client/outbox.js.txt";
import rest from "./client/rest.js.txt";
import room from "./client/room.js.txt";
import rows from "./client/rows.js.txt";
import start from "./client/start.js.txt";
import store from "./client/store.js.txt";
import talks from "./client/talks.js.txt";
import times from "./client/times.js.txt";

const SCRIPTS = {
  "access.js": access,
  "chat.js": chat,
  "composer.js": composer,
  "list.js": list,
  "outbox.js": outbox,
  "rest.js": rest,
  "room.js": room,
  "rows.js": rows,
  "start.js": start,
  "store.js": store,
  "talks.js": talks,
  "times.js": times,
};

/** Files of the first page that this one uses too. */
const SHARED: ReadonlySet<string> = new Set(["page.css", "dom.js", "format.js", "baton-client.js"]);

/** What the page loads from `/chat/assets/`, by file name. */
export const CHAT_ASSETS: ReadonlyMap<string, { contentType: string; text: string }> = new Map([
  ...[...ASSETS].filter(([file]) => SHARED.has(file)),
  ["chat.css", { contentType: "text/css; charset=utf-8", text: css }],
  ...Object.entries(SCRIPTS).map(
    ([file, text]) => [file, { contentType: "text/javascript; charset=utf-8", text }] as const,
  ),
]);
