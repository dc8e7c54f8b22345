import { DurableObject } from "cloudflare:workers";
import { setLogLevel } from "../log.ts";
import { advance } from "./advance.ts";
import { RETRY_AFTER_MS } from "./constants.ts";
import { lookNow } from "./machine/login-steps.ts";
import { resume } from "./machine/operate.ts";
import { failOver } from "./machine/roles.ts";
import { toMetrics } from "./metrics.ts";
import { followPortal, probeOverdue, stopPair } from "./operate-pair.ts";
import { Pair } from "./pair.ts";
import type { PairParts } from "./parts.ts";
import { realParts } from "./real-parts.ts";
import { relayRequest } from "./relay-request.ts";
import type {
  AuditEntry,
  Evidence,
  PairMetrics,
  PairStatus,
  RelayAnswer,
  RelayRequest,
  SessionPairRpc,
} from "./rpc.ts";
import { rulesOf } from "./rules-of.ts";
import { toStatus } from "./status.ts";

/**
 * A portal's primary and backup sessions: the only place that logs in to it. What it is about to do is written down
 * before it is done, so that it may be stopped anywhere; its alarm goes on from what is written.
 */
export class SessionPair extends DurableObject<BrowserEnv> implements SessionPairRpc {
  #pair: Pair;

  constructor(ctx: DurableObjectState, env: BrowserEnv, parts: PairParts = realParts(env)) {
    super(ctx, env);
    setLogLevel(env.LOG_LEVEL);
    this.#pair = new Pair(ctx, parts);
  }

  /** The portal's id, and whether Browser Rendering is bound; says that the object is reachable. */
  describe(): { name: string; browser: boolean } {
    return { name: this.ctx.id.name ?? "", browser: this.env.BROWSER !== undefined };
  }

  async status(): Promise<PairStatus> {
    return this.#status();
  }

  async start(): Promise<PairStatus> {
    await followPortal(this.#pair, await this.#pair.reload());
    this.#pair.arm();
    return this.#status();
  }

  async stop(): Promise<PairStatus> {
    await stopPair(this.#pair, await this.#pair.portal());
    return this.#status();
  }

  async failover(): Promise<PairStatus | null> {
    const change = failOver(this.#pair.state, this.#pair.now);
    if (!change) return null;
    this.#pair.commit(change);
    return this.#status();
  }

  async resume(): Promise<PairStatus> {
    this.#pair.commit(resume(this.#pair.state, this.#pair.now, "person"));
    return this.#status();
  }

  async request(input: RelayRequest): Promise<RelayAnswer> {
    const portal = await this.#pair.portal();
    if (!portal?.definition) {
      const retryAfterMs = RETRY_AFTER_MS.hold;
      return { kind: "unavailable", reason: "definition_missing", retryAfterMs, sent: false };
    }
    return relayRequest(this.#pair, { ...portal, definition: portal.definition }, input);
  }

  async codeArrived(challengeId: string): Promise<void> {
    // The alarm set by the change claims and types it: the mailbox waits for nobody.
    await this.#pair.portal();
    this.#pair.commit(lookNow(this.#pair.state, challengeId, this.#pair.now));
  }

  async tick(): Promise<PairStatus> {
    const portal = await this.#pair.reload();
    await followPortal(this.#pair, portal);
    if (portal?.definition) {
      await probeOverdue(this.#pair, { ...portal, definition: portal.definition });
    }
    await this.#pair.findAlarm();
    this.#pair.arm();
    return this.#status();
  }

  async configured(): Promise<void> {
    await followPortal(this.#pair, await this.#pair.reload());
    this.#pair.arm();
  }

  async metrics(): Promise<PairMetrics> {
    const { budget } = await this.#status();
    this.#pair.flushRequests();
    return toMetrics(this.#pair.store.counts, budget, this.#pair.now);
  }

  async audit(before: number | null, limit: number): Promise<AuditEntry[]> {
    return this.#pair.store.audit(before, limit);
  }

  async evidence(id: string): Promise<Evidence | null> {
    return this.#pair.store.evidence(id);
  }

  async forget(): Promise<void> {
    await stopPair(this.#pair, await this.#pair.portal().catch(() => null));
    this.#pair.store.close();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#pair = new Pair(this.ctx, this.#pair.parts);
  }

  override async alarm(): Promise<void> {
    this.#pair.alarmRang();
    await advance(this.#pair);
  }

  async #status(): Promise<PairStatus> {
    const portal = await this.#pair.portal().catch(() => null);
    const rules = portal?.definition ? rulesOf(portal.definition) : null;
    return toStatus(this.#pair.state, rules, this.#pair.now);
  }
}
