import { type Answer, type Asked, cookie, html, json } from "./answer.ts";
import { COOKIES } from "./constants.ts";
import { acceptOrder } from "./orders.ts";
import { partnersPage } from "./pages.ts";
import { findPartner, pageOfPartners } from "./partners.ts";
import { endSession, findSession, loggedOut, rotation } from "./sessions.ts";
import type { Session, Site } from "./site.ts";

type Handler = (site: Site, asked: Asked, session: Session) => Answer;

const ROUTES: [method: string, path: RegExp, handler: Handler][] = [
  ["GET", /^\/partners$/, showPartners],
  ["GET", /^\/api\/me$/, showMe],
  ["GET", /^\/api\/partners$/, listPartners],
  ["GET", /^\/api\/partners\/\w+$/, showPartner],
  ["GET", /^\/api\/report$/, () => ({ status: 200, body: REPORT })],
  ["POST", /^\/api\/orders\/[\w-]{1,60}\/accept$/, acceptOrder],
  ["POST", /^\/logout$/, logOut],
];

/** Bytes that are no UTF-8, as a report in CP949. */
const REPORT = Buffer.from("c7f9b7c2bbe72c3538ff00", "hex");

/** Everything that needs a session; null: there is no such page. */
export function answerBehindLogin(site: Site, asked: Asked): Answer | null {
  const { method, url } = asked;
  const wanted = method === "HEAD" ? "GET" : method;
  const routes = ROUTES.filter(([, path]) => path.test(url.pathname));
  const [route] = routes.filter(([verb]) => verb === wanted);
  if (routes.length === 0) return null;
  if (!route) return json(405, { code: "METHOD_NOT_ALLOWED" });
  const session = findSession(site, asked);
  if (!session) return loggedOut(site, asked);
  const answer = route[2](site, asked, session);
  return { ...answer, cookies: [...rotation(site, session), ...(answer.cookies ?? [])] };
}

function showMe(_site: Site, _asked: Asked, { account, centerId }: Session): Answer {
  return json(200, { loggedIn: true, username: account.username, centerId });
}

function listPartners(site: Site, { url }: Asked): Answer {
  const list = pageOfPartners(url.searchParams);
  if (!list) return json(400, { code: "BAD_PAGE", message: "page, size를 확인해 주세요." });
  site.counts.partnerLists += 1;
  return json(200, list);
}

function showPartner(_site: Site, { url }: Asked): Answer {
  const partner = findPartner(url.pathname.split("/").at(-1) ?? "");
  return partner ? json(200, partner) : json(404, { code: "NOT_FOUND" });
}

function showPartners(site: Site, { url }: Asked, { centerId }: Session): Answer {
  const list = pageOfPartners(url.searchParams);
  if (!list) return json(400, { code: "BAD_PAGE", message: "page, size를 확인해 주세요." });
  site.counts.partnerLists += 1;
  return html(200, partnersPage(list.partners, list, centerId, site.settings.login.popup));
}

/** Asks for the session's own center, as a page of the site would send it. */
function logOut(site: Site, asked: Asked, session: Session): Answer {
  if (asked.headers["center-id"] !== session.centerId) {
    return json(400, { code: "CENTER_ID_REQUIRED", message: "center-id 헤더가 필요합니다." });
  }
  endSession(site, session);
  site.counts.logouts += 1;
  site.note("logged_out", { username: session.account.username });
  const gone = [COOKIES.session, COOKIES.center].map((name) => cookie(name, "", { maxAge: 0 }));
  return { ...json(200, { ok: true }), cookies: gone };
}
