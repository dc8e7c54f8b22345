import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { applyMigrations } from "../../src/local/migrate.ts";
import { type LocalDatabase, seedDemo } from "../../src/local/seed-demo.ts";
import { bundle } from "./bundle.ts";
import { listProcesses } from "./processes.ts";

const SECRETS = {
  masterKey: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  organizationId: "org_01hzzzzzzzzzzzzzzzzzzzzzzz",
  apiKey: "bt_platform",
  pageKey: "bt_page",
};

/** Asks a channel by RPC: the object's own speed, without the API's work; and what the API does not show. */
const PUBLISHER = `export default {
  async fetch(request, env) {
    const { name, event, data } = await request.json();
    if (event === undefined) return Response.json(await env.CHANNEL.getByName(name).describe());
    const frames = [{ event, data: JSON.stringify(data) }];
    return Response.json(await env.CHANNEL.getByName(name).publish({ frames }));
  }
}`;

/** Lets everything through: what is counted has tests of its own, and would make others wait. */
const UNLIMITED = `import { DurableObject } from "cloudflare:workers";
export class Unlimited extends DurableObject {
  async take() {
    return { allowed: true, remaining: 1, resetAt: 0, retryAfterMs: 0 };
  }
}
${PUBLISHER}`;

type PlatformOptions = {
  /** Variables of the app. */
  vars?: Record<string, string>;
  /** Rates are not limited. */
  isUnlimited?: boolean;
};

export type Platform = Awaited<ReturnType<typeof startPlatform>>;

/**
 * The app's and the objects' Workers in a runtime of their own, without wrangler and its proxy: it starts in a second,
 * is killed and started again on the same data, and its objects can be evicted.
 */
export async function startPlatform(folder: string, options: PlatformOptions = {}) {
  const scripts = { app: await bundle("app"), objects: await bundle("objects") };
  const begin = () => start(folder, scripts, options);
  let runtime = await begin();
  const evict = (name: string, webSockets: "hibernate" | "close" = "hibernate") =>
    runtime.miniflare.unsafeEvictDurableObject("baton-objects", "Channel", { name, webSockets });

  return {
    apiKey: SECRETS.apiKey,
    /** Name of the object of a channel. */
    topic: (name: string) => `topic:${SECRETS.organizationId}:${name}`,
    /** Ports of the app and of the publisher; other ones after each start, since workerd frees none at once. */
    ports: () => runtime.ports,
    pid: () => runtime.pid,
    /** What the object says of itself. */
    async describe(name: string) {
      const topic = `topic:${SECRETS.organizationId}:${name}`;
      const init = { method: "POST", body: JSON.stringify({ name: topic }) };
      const answer = await fetch(`http://127.0.0.1:${runtime.ports.publisher}/`, init);
      return (await answer.json()) as { instance: string; sockets: number };
    },
    /** As the platform does: out of memory, its sockets kept. */
    evict: (name: string) => evict(`topic:${SECRETS.organizationId}:${name}`),
    /** The same of the object through which a user's chat is told; with `close` as a deploy of the objects does. */
    evictChat: (userId: string, webSockets: "hibernate" | "close") =>
      evict(`chat:${SECRETS.organizationId}:${userId}`, webSockets),
    /** As a crash does: every Worker is killed in the middle of what it does, then started again. */
    async crash(downMs = 0): Promise<void> {
      process.kill(runtime.pid, "SIGKILL");
      await sleep(downMs);
      await runtime.miniflare.dispose();
      runtime = await begin();
    },
    /** As a deploy does: other Workers, and every socket is closed. */
    async restart(): Promise<void> {
      await runtime.miniflare.dispose();
      runtime = await begin();
    },
    stop: () => runtime.miniflare.dispose(),
  };
}

type Scripts = { app: string; objects: string };

async function start(folder: string, scripts: Scripts, options: PlatformOptions) {
  const before = workerds();
  const miniflare = new Miniflare(optionsOf(folder, scripts, options));
  await miniflare.ready;
  const pid = workerds().find((found) => !before.includes(found)) ?? 0;
  const databaseOf = async (name: string) =>
    (await miniflare.getD1Database(name, "baton-app")) as unknown as LocalDatabase;
  const database = await databaseOf("DB");
  await applyMigrations(database, "migrations/control");
  await applyMigrations(await databaseOf("EVENTS_0"), "migrations/events");
  await seedDemo(database, SECRETS);
  const [app, publisher] = await Promise.all([
    miniflare.unsafeGetDirectURL("baton-app"),
    miniflare.unsafeGetDirectURL("publisher"),
  ]);
  return { miniflare, pid, ports: { app: Number(app.port), publisher: Number(publisher.port) } };
}

function optionsOf(
  folder: string,
  scripts: Scripts,
  { vars = {}, isUnlimited = false }: PlatformOptions,
) {
  const common = {
    modules: true,
    compatibilityDate: "2026-10-01",
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  };
  const foreign = (className: string) => ({ className, scriptName: "baton-objects" });
  return convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    resourcePersistencePath: folder,
    workers: [
      {
        ...common,
        name: "baton-app",
        script: scripts.app,
        compatibilityFlags: [
          "nodejs_compat",
          "global_fetch_strictly_public",
          "enable_request_signal",
        ],
        bindings: {
          BASE_DOMAIN: "localhost",
          APP_URL: "http://localhost",
          INGEST_URL: "http://{slug}.localhost",
          ALLOW_LOOPBACK: "true",
          DOH_URL: "",
          LOG_LEVEL: "error",
          MASTER_KEY: SECRETS.masterKey,
          ...vars,
        },
        d1Databases: { DB: "control", EVENTS_0: "events-0" },
        r2Buckets: ["BODIES"],
        queueProducers: { EVENTS_QUEUE: "baton-events", DELIVERIES_QUEUE: "baton-deliveries" },
        durableObjects: {
          CHANNEL: foreign("Channel"),
          GATE: foreign("DestinationGate"),
          RATE_LIMIT: isUnlimited
            ? { className: "Unlimited", scriptName: "publisher" }
            : foreign("RateLimit"),
        },
      },
      {
        ...common,
        name: "baton-objects",
        script: scripts.objects,
        compatibilityFlags: ["nodejs_compat"],
        queueProducers: { DELIVERIES_QUEUE: "baton-deliveries" },
        durableObjects: {
          CHANNEL: { className: "Channel", useSQLite: true },
          GATE: { className: "DestinationGate", useSQLite: true },
          RATE_LIMIT: { className: "RateLimit", useSQLite: true },
        },
      },
      {
        ...common,
        name: "publisher",
        script: isUnlimited ? UNLIMITED : PUBLISHER,
        durableObjects: {
          CHANNEL: foreign("Channel"),
          ...(isUnlimited && { UNLIMITED: { className: "Unlimited", useSQLite: true } }),
        },
      },
    ],
  });
}

/** Runtimes that this process has started. */
function workerds(): number[] {
  return listProcesses()
    .filter(({ pid, parent, state }) => parent === process.pid && state !== "Z" && isWorkerd(pid))
    .map(({ pid }) => pid);
}

function isWorkerd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("workerd");
  } catch {
    return false;
  }
}
