import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { bundle } from "./test/support/bundle.ts";
import { FileOrder } from "./test/support/file-order.ts";

/** 32 zero bytes: the tests' master key. */
const MASTER_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
// wrangler warns about secrets that are in no environment, whatever the bindings say.
process.env.MASTER_KEY ??= MASTER_KEY;
/**
 * What `deriveIngestKey` makes of it, computed by `openssl kdf -keylen 32 -kdfopt digest:SHA2-256
 * -kdfopt hexkey:<64 zeros> -kdfopt info:ingest -binary HKDF | base64`.
 */
const INGEST_KEY = "VzHUoAt9bBsAx1f2D9Ano0umONqnf+jH5RXgkjfpkHo=";
process.env.INGEST_KEY ??= INGEST_KEY;
const LOCAL = {
  BASE_DOMAIN: "localhost",
  APP_URL: "http://localhost:8787",
  INGEST_URL: "http://{slug}.localhost:8787",
  ALLOW_LOOPBACK: "true",
  // The tracked default would ask the internet.
  DOH_URL: "",
  LOG_LEVEL: "error",
  SWEEP_GRACE_MS: "0",
  MASTER_KEY,
  INGEST_KEY,
  DEFAULT_KAKAO_SOURCE: "kakao",
  DEFAULT_CHAT_SOURCE: "chat",
};
const DATABASES = { DB: "control-db", EVENTS_0: "events-db-0" };

/** Another Worker of the deployment, as built JavaScript, for projects that bind to it. */
async function neighbour(name: string, options: Record<string, unknown>, entry?: string) {
  return {
    name: `baton-${name}`,
    modules: true,
    script: await bundle(name, entry),
    compatibilityDate: "2026-10-01",
    compatibilityFlags: ["nodejs_compat"],
    ...options,
  };
}

const objects = () =>
  neighbour("objects", {
    durableObjects: {
      CHANNEL: { className: "Channel", useSQLite: true },
      GATE: { className: "DestinationGate", useSQLite: true },
      RATE_LIMIT: { className: "RateLimit", useSQLite: true },
    },
    // A queue of its own: what a gate sends would run by itself, beside the batches that the tests make.
    queueProducers: { DELIVERIES_QUEUE: "baton-gate-tasks" },
  });
const browser = (entry?: string) =>
  neighbour(
    "browser",
    {
      bindings: LOCAL,
      d1Databases: { DB: DATABASES.DB },
      durableObjects: {
        SESSION_PAIR: { className: "SessionPair", useSQLite: true },
        CODE_MAILBOX: { className: "CodeMailbox", useSQLite: true },
      },
    },
    entry,
  );
const consumer = () =>
  neighbour("consumer", {
    bindings: LOCAL,
    d1Databases: DATABASES,
    r2Buckets: ["BODIES"],
    queueProducers: { EVENTS_QUEUE: "baton-events", DELIVERIES_QUEUE: "baton-deliveries" },
    durableObjects: {
      CHANNEL: { className: "Channel", scriptName: "baton-objects" },
      GATE: { className: "DestinationGate", scriptName: "baton-objects" },
      SESSION_PAIR: { className: "SessionPair", scriptName: "baton-browser" },
      CODE_MAILBOX: { className: "CodeMailbox", scriptName: "baton-browser" },
    },
  });
/** Stands where the edge hands a request over to the app Worker. */
const echoApp = () => ({
  name: "baton-app",
  modules: true,
  compatibilityDate: "2026-10-01",
  script: `export default { fetch: (request) => Response.json({ app: true, url: request.url }) }`,
});

type Neighbours = () => Promise<unknown[]> | unknown[];
type WorkerOptions = {
  /** Takes the place of the Worker's entry file. */
  main?: string;
  globalSetup?: string[];
  /** A runtime for each file. */
  isolate?: boolean;
};

/**
 * A project whose tests run inside workerd, in one Worker of ours. The files that a process of vitest runs share one
 * runtime: to start it, and to load every module of the Worker into it, takes longer than most files' tests. The
 * set-up file empties it before each file.
 */
function workerProject(
  name: string,
  config: string,
  neighbours: Neighbours,
  { main, globalSetup = [], isolate = false }: WorkerOptions = {},
) {
  return {
    plugins: [
      cloudflareTest(async () => ({
        wrangler: { configPath: config },
        ...(main === undefined ? {} : { main }),
        miniflare: {
          bindings: {
            ...LOCAL,
            CONTROL_MIGRATIONS: await readD1Migrations("migrations/control"),
            EVENTS_MIGRATIONS: await readD1Migrations("migrations/events"),
          },
          d1Databases: DATABASES,
          workers: (await neighbours()) as never[],
        },
      })),
    ],
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      isolate,
      setupFiles: ["test/support/empty-databases.ts"],
      globalSetup: ["test/support/receiver-setup.ts", ...globalSetup],
      testTimeout: 60_000,
    },
  };
}

/** A year of two objects of the browser Worker, with a clock and a browser of its own. */
function yearProject() {
  const main = "test/year/worker.ts";
  const project = workerProject("year", "workers/browser/wrangler.toml", () => [], { main });
  const globalSetup = ["test/year/setup.ts"];
  return { ...project, test: { ...project.test, globalSetup, testTimeout: 900_000 } };
}

/** A project of plain Node tests. Vitest's own 5 s are not enough beside a session that starts. */
function nodeProject(name: string, include: string[], more: Record<string, unknown> = {}) {
  return { test: { name, include, environment: "node", testTimeout: 30_000, ...more } };
}

const SLOW = { testTimeout: 60_000, hookTimeout: 120_000 };
const BUILT = ["test/support/built-workers.ts"];
const PREPARED = { globalSetup: [...BUILT, "test/support/prepared-state.ts"] };

/** Functions without a state of their own: their files share a process, and the modules that it has loaded. */
const PURE = [
  "test/{unit,rules,sms,transforms,destinations,scripts,verification,gates}/**/*.test.ts",
];

const report = process.env.BATON_TEST_REPORT;

export default defineConfig({
  test: {
    // Sessions and killed processes are mostly waited for: three files at a time, also on two cores.
    maxWorkers: 3,
    sequence: { sequencer: FileOrder },
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    projects: [
      nodeProject("pure", PURE, { isolate: false }),
      nodeProject("tail", ["test/tail/**/*.test.ts"], SLOW),
      nodeProject("client", ["test/client/**/*.test.ts"]),
      nodeProject("cli", ["test/cli/**/*.test.ts"], SLOW),
      nodeProject("emulators", ["test/emulators/**/*.test.ts"]),
      workerProject("edge", "wrangler.toml", async () => [echoApp()]),
      workerProject("app", "workers/app/wrangler.toml", async () => [
        await objects(),
        await browser("test/app/browser-worker.ts"),
        await consumer(),
      ]),
      workerProject("consumer", "workers/consumer/wrangler.toml", async () => [
        await objects(),
        await browser(),
      ]),
      workerProject("objects", "workers/objects/wrangler.toml", () => []),
      workerProject("browser", "workers/browser/wrangler.toml", () => [], {
        main: "test/browser/worker.ts",
        globalSetup: ["test/support/browser-setup.ts"],
        // Real browsers outlive a file's objects.
        isolate: true,
      }),
      yearProject(),
      nodeProject("local", ["test/local/**/*.test.ts"], { ...SLOW, globalSetup: BUILT }),
      nodeProject("e2e", ["test/e2e/**/*.test.ts"], { ...SLOW, ...PREPARED }),
      nodeProject("crash", ["test/crash/**/*.test.ts"], { ...SLOW, ...PREPARED }),
    ],
  },
});
