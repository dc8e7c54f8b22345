import { type Answer, type Asked, json } from "./answer.ts";
import { endSession, loggedOut } from "./sessions.ts";
import type { Session, Site } from "./site.ts";

/** Accepts an order once. The same `idempotency-key` gives the same answer again; anything else is refused. */
export function acceptOrder(site: Site, asked: Asked, session: Session): Answer {
  const id = asked.url.pathname.split("/")[3] ?? "";
  const header = asked.headers["idempotency-key"];
  const key = typeof header === "string" && header !== "" ? header : null;
  const known = site.orders.get(id);
  if (!known) {
    site.orders.set(id, { key, effects: 1 });
    site.counts.effects += 1;
    site.note("order_accepted", { of: id });
    if (site.settings.orders.effectThenOut) {
      endSession(site, session);
      return loggedOut(site, asked);
    }
    return accepted(id, false);
  }
  if (key !== null && key === known.key) {
    site.counts.replays += 1;
    return accepted(id, true);
  }
  if (key === null && known.key === null) {
    site.counts.doubledUnkeyed += 1;
    site.note("order_doubled", { of: id });
  }
  return json(409, { code: "ALREADY_ACCEPTED", message: "이미 접수된 주문입니다." });
}

function accepted(order: string, replayed: boolean): Answer {
  return json(200, { order, status: "accepted", replayed });
}
