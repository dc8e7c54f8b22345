import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { PairState } from "../../src/session-pairs/machine/state.ts";
import type { OpenedPortal, PairParts } from "../../src/session-pairs/parts.ts";
import type { RelayRequest } from "../../src/session-pairs/rpc.ts";
import { pairDefinition } from "./pair-definition.ts";
import { giveParts } from "./pair-parts.ts";
import { PretendedBrowser } from "./pretended-browser.ts";
import { PretendedPhone } from "./pretended-phone.ts";
import { PretendedSite } from "./pretended-site.ts";

const objects = env as unknown as BrowserEnv;
/** Far enough away that no alarm rings by itself. */
const START = Date.UTC(2100, 0, 1);
let pairs = 0;

/** A pair of its own with a pretended outside. Time stands still until `pass` moves it. */
export async function makePair(definition: Record<string, unknown> = {}) {
  const name = `prt_test${pairs++}`;
  const clock = { now: START };
  const now = () => clock.now;
  const site = new PretendedSite();
  const phone = new PretendedPhone(now);
  const browser = new PretendedBrowser(site, now);
  const portal: OpenedPortal = {
    id: name,
    organizationId: "org_1",
    enabled: true,
    onDeploy: "keep",
    definition: pairDefinition(definition),
    credentials: { username: "kim", password: "canary-password", phone: "01012345678" },
    credentialsFault: null,
    hasAccount: true,
    phone: "01012345678",
    version: 1,
  };
  const pages = { sent: 0, discarded: [] as string[] };
  const parts: PairParts = {
    now,
    after: (ms, run) => {
      // Only who does not wait at all is woken: the clock stands still.
      if (ms > 0) return () => {};
      queueMicrotask(run);
      return () => {};
    },
    chance: () => 0.5,
    loadPortal: async () => ({ ...portal }),
    browser: browser.part,
    page: {
      send: async ({ definition: used, snapshot, browserId, request }) => {
        pages.sent += 1;
        const got = await site.part.send({ definition: used, snapshot, request, timeoutMs: 1_000 });
        return { ...got, browserId: browserId ?? `page-${pages.sent}`, snapshot: null };
      },
      discard: async (browserId) => {
        pages.discarded.push(browserId);
      },
      takeBrowserMs: () => 0,
    },
    mailboxes: phone.part,
    site: site.part,
    masterKey: objects.MASTER_KEY,
    version: "v1",
  };
  giveParts(name, parts);
  // A new one each time: the old one is of no use after a crash.
  const stub = () => objects.SESSION_PAIR.getByName(name);
  phone.told = (challengeId) => stub().codeArrived(challengeId);
  browser.sendSms = (code) => phone.receive(code);

  const pair = {
    name,
    get stub() {
      return stub();
    },
    clock,
    site,
    phone,
    browser,
    portal,
    parts,
    pages,
    state: () => runInDurableObject(stub(), (_, { storage }) => storage.kv.get<PairState>("state")),
    alarmAt: () => runInDurableObject(stub(), (_, { storage }) => storage.getAlarm()),
    /** Lets time pass, ringing the alarm whenever it is due. */
    pass: async (ms: number) => {
      const end = clock.now + ms;
      for (;;) {
        const at = await pair.alarmAt();
        if (at === null || at > end) break;
        clock.now = Math.max(clock.now, at);
        await runDurableObjectAlarm(stub());
      }
      clock.now = end;
    },
    /** Once nothing runs. */
    evict: () => evictDurableObject(stub()),
    /** At once, in the middle of whatever runs. */
    crash: async () => {
      await runInDurableObject(stub(), (_, ctx) => ctx.abort("stopped")).catch(() => {});
    },
    /** Both sessions stand. */
    ready: async () => {
      await stub().start();
      await pair.pass(31_000);
    },
    get: (path: string, more: Partial<RelayRequest> = {}) =>
      stub().request({
        method: "GET",
        url: `http://site.test${path}`,
        headers: {},
        body: null,
        waitMs: 0,
        idempotencyKey: null,
        ...more,
      }),
  };
  return pair;
}

export type TestPair = Awaited<ReturnType<typeof makePair>>;
