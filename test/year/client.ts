import type { RelayAnswer } from "../../src/session-pairs/index.ts";
import type { Chance } from "./chance.ts";
import type { Time } from "./time.ts";

const WAIT_MS = 30_000;
/** As an app that obeys `Retry-After` and gives up some time. */
const MAX_TRIES = 40;

type Wanted = { method: string; url: string; idempotencyKey: string | null };

const isRepeatable = ({ method, idempotencyKey }: Wanted) =>
  method === "GET" || idempotencyKey !== null;

/** What came of requests. */
export function openClient(time: Time, baseUrl: string, chance: Chance) {
  const counts = {
    requests: 0,
    answered: 0,
    /** The site's own trouble, handed on. */
    siteErrors: 0,
    /** 503 with `Retry-After`: no session in time; all of them were asked again. */
    unavailable: 0,
    /** Asked again after a crash in the middle. */
    cut: 0,
    /** An answer for somebody who is not logged in, or none at all. */
    failedByAuth: 0,
  };
  const reasons: Record<string, number> = {};
  let orders = 0;
  const text = new TextDecoder();

  function request(unkeyed: boolean): Wanted {
    const kind = chance.next();
    const id = `o${orders++}`;
    const order = { method: "POST", url: `${baseUrl}/api/orders/${id}/accept` };
    if (unkeyed && kind < 0.05) return { ...order, idempotencyKey: null };
    if (kind < 0.1) return { ...order, idempotencyKey: `key-${id}` };
    const path = kind < 0.2 ? `/api/partners?page=${chance.whole(1, 3)}` : "/api/me";
    return { method: "GET", url: baseUrl + path, idempotencyKey: null };
  }

  /** Requests of apps at the same time, until each is answered. */
  async function ask(howMany: number, unkeyed: boolean): Promise<void> {
    counts.requests += howMany;
    await send(
      Array.from({ length: howMany }, () => request(unkeyed)),
      1,
    );
  }

  async function send(wanted: Wanted[], tries: number): Promise<void> {
    const inputs = wanted.map((one) => ({ ...one, headers: {}, body: null, waitMs: WAIT_MS }));
    time.clock.enter(inputs.length);
    const { crashes } = time.counts;
    let answers: RelayAnswer[];
    try {
      answers = (await time.pair().requests(inputs)) as unknown as RelayAnswer[];
    } catch (error) {
      if (time.counts.crashes === crashes) throw error;
      // Nobody knows what became of them; what cannot be repeated is not.
      counts.cut += wanted.length;
      await again(wanted.filter(isRepeatable), 1_000, tries);
      return;
    }
    const later: Promise<void>[] = [];
    for (const [i, answer] of answers.entries()) {
      const one = wanted[i];
      if (answer.kind === "refused") throw new Error(answer.message);
      if (answer.kind === "answered") count(answer);
      else {
        counts.unavailable += 1;
        reasons[answer.reason] = (reasons[answer.reason] ?? 0) + 1;
        if (one && (!answer.sent || isRepeatable(one))) {
          later.push(again([one], answer.retryAfterMs, tries));
        }
      }
    }
    await Promise.all(later);
  }

  async function again(wanted: Wanted[], afterMs: number, tries: number): Promise<void> {
    if (wanted.length === 0) return;
    if (tries >= MAX_TRIES) {
      counts.failedByAuth += wanted.length;
      return;
    }
    await time.clock.sleep(afterMs);
    await send(wanted, tries + 1);
  }

  function count({ status, body }: Extract<RelayAnswer, { kind: "answered" }>): void {
    if (status === 200 && !text.decode(body).includes("login-form")) counts.answered += 1;
    else if (status >= 500 || status === 429) counts.siteErrors += 1;
    else counts.failedByAuth += 1;
  }

  return { counts, reasons, ask };
}
