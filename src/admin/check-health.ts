import type { Deps } from "../context.ts";
import { readBacklog } from "../events/index.ts";
import { readLastHealthJob } from "../health/index.ts";
import { log } from "../log.ts";
import { HEALTH_TIMEOUT_MS } from "./constants.ts";
import type { DeepHealth } from "./schemas.ts";

/** What health looks at; `describe` is any cheap call that only a living object answers. */
export type HealthDeps = Pick<Deps, "db" | "shards"> & {
  objects: { describe(): PromiseLike<unknown> };
  browser: { describe(): PromiseLike<unknown> };
};

/** Asks every part of the deployment at once. A part that fails or is late is named, without its error. */
export async function checkHealth(deps: HealthDeps): Promise<DeepHealth> {
  const shards = deps.shards.map((db, n) => probe(`events_${n}`, () => readBacklog(db)));
  const others = [
    probe("objects", () => deps.objects.describe()),
    probe("browser", () => deps.browser.describe()),
  ];
  const control = await probe("control", () => readLastHealthJob(deps));
  const backlogs = await Promise.all(shards);
  const all = [control, ...(await Promise.all(others)), ...backlogs];
  const known = backlogs.flatMap(({ value }) => value ?? []);
  const waiting = known.flatMap(({ oldestUnrouted }) => oldestUnrouted ?? []);
  return {
    status: all.every(({ ok }) => ok) ? "ok" : "degraded",
    parts: Object.fromEntries(all.map(({ part, ok }) => [part, ok ? "ok" : "failed"])),
    oldestUnroutedEventAgeMs: waiting.length
      ? Math.max(0, Date.now() - Math.min(...waiting))
      : null,
    overdueDeliveries: known.reduce((sum, { overdue }) => sum + overdue, 0),
    lastHealthJob: control.value ?? null,
  };
}

type Probe<T> = { part: string; ok: boolean; value?: T };

async function probe<T>(part: string, ask: () => PromiseLike<T>): Promise<Probe<T>> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer in time")), HEALTH_TIMEOUT_MS);
  try {
    return { part, ok: true, value: await Promise.race([ask(), late.promise]) };
  } catch (error) {
    log.error("health_part_failed", { part, error });
    return { part, ok: false };
  } finally {
    clearTimeout(timer);
  }
}
