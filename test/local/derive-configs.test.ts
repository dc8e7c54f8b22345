import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { WORKERS, type WorkerName } from "../../src/local/constants.ts";
import { deriveConfig, readTrackedConfig } from "../../src/local/derive-configs.ts";
import { messagesIn } from "../../src/local/messages.ts";
import { readSettings } from "../../src/local/settings.ts";

const secrets = {
  masterKey: "a2V5",
  ingestKey: "aW4=",
  organizationId: "org_1",
  apiKey: "bt_a",
  pageKey: "bt_page",
};
const names = Object.keys(WORKERS) as WorkerName[];

function derive(name: WorkerName, env: Record<string, string> = {}) {
  const settings = readSettings({ BATON_PORT: "9000", ...env }, messagesIn("en"));
  return deriveConfig(name, readTrackedConfig(name), settings, secrets);
}

test.each(names)("derived config: %s has this session's variables and paths that exist", (name) => {
  const config = derive(name, { BATON_TICK_MS: "250", BATON_VAR_COLOUR: "red" });
  expect(config.vars).toMatchObject({
    BASE_DOMAIN: "localhost",
    APP_URL: "http://localhost:9000",
    INGEST_URL: "http://{slug}.localhost:9000",
    ALLOW_LOOPBACK: "true",
    DOH_URL: "",
    LOG_LEVEL: "debug",
    SWEEP_GRACE_MS: "250",
    ...(name === "edge"
      ? { INGEST_KEY: "aW4=", DEFAULT_PHONE_SOURCE: "phone" }
      : { MASTER_KEY: "a2V5" }),
    COLOUR: "red",
  });
  expect(config.vars).not.toHaveProperty(name === "edge" ? "MASTER_KEY" : "INGEST_KEY");
  expect(config).not.toHaveProperty("secrets");
  expect(existsSync(config.main)).toBe(true);
  for (const database of config.d1_databases ?? []) {
    expect(existsSync(database.migrations_dir)).toBe(true);
  }
});

test("derived config: a built Worker is taken as it is, with its texts beside it", () => {
  const folder = mkdtempSync(join(tmpdir(), "baton-built-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of names) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "index.js"), "");
    writeFileSync(join(folder, name, "local.js"), "");
  }
  const config = derive("app", { BATON_BUILT: folder });
  expect(config).toMatchObject({ main: join(folder, "app/local.js"), no_bundle: true });
  expect(config.vars).toEqual(derive("app").vars);
  const { main } = derive("consumer", { BATON_BUILT: folder });
  expect(main).toBe(join(folder, "consumer/index.js"));
  rmSync(join(folder, "edge/local.js"));
  expect(() => derive("app", { BATON_BUILT: folder })).toThrow("five Workers");
});

test("derived config: the default portal's account is the browser Worker's; the consumer knows its phone", () => {
  const account = {
    PORTAL_USERNAME: "owner",
    BAEMIN_PASSWORD: "hunter2",
    PORTAL_ORIGINS: "https://shop.example.com",
    PORTAL_PHONE: "01012345678",
  };
  const varsOf = (name: WorkerName) =>
    Object.entries(derive(name, { ...account, PORTAL_OTHER: "x" }).vars ?? {}).filter(([key]) =>
      /^(PORTAL|BAEMIN)_/.test(key),
    );
  const { PORTAL_PHONE } = account;
  expect(Object.fromEntries(names.map((name) => [name, Object.fromEntries(varsOf(name))]))).toEqual(
    {
      ...Object.fromEntries(names.map((name) => [name, {}])),
      browser: account,
      consumer: { PORTAL_PHONE },
    },
  );
});

test("derived config: BATON_VAR_<NAME> wins over everything else", () => {
  expect(derive("app", { BATON_VAR_ALLOW_LOOPBACK: "false" }).vars).toMatchObject({
    ALLOW_LOOPBACK: "false",
  });
});

test("derived config: a deployment has no source for phones without a key until it names one", () => {
  expect(readTrackedConfig("edge").vars).toMatchObject({ DEFAULT_PHONE_SOURCE: "" });
  const named = derive("edge", { BATON_VAR_DEFAULT_PHONE_SOURCE: "mine" });
  expect(named.vars).toMatchObject({ DEFAULT_PHONE_SOURCE: "mine" });
});

test("derived config: answers for KakaoTalk users go to the simulator, unless others reach the session", () => {
  const origins = (env: Record<string, string>) => derive("app", env).vars?.KAKAO_CALLBACK_ORIGINS;
  expect(origins({})).toMatch(/^http:\/\/127\.0\.0\.1:18443,/);
  expect(origins({ BATON_HOST: "0.0.0.0" })).toBe("");
  expect(origins({ BATON_PUBLIC_URL: "https://name.example.com" })).toBe("");
  const own = { BATON_VAR_KAKAO_CALLBACK_ORIGINS: "http://127.0.0.1:1" };
  expect(origins({ ...own, BATON_HOST: "0.0.0.0" })).toBe("http://127.0.0.1:1");
  expect(readTrackedConfig("app").vars).toMatchObject({ KAKAO_CALLBACK_ORIGINS: "" });
});

test("derived config: bindings, queues and crons stay as they are tracked", () => {
  const tracked = readTrackedConfig("consumer");
  const derived = derive("consumer");
  for (const key of ["name", "queues", "triggers", "durable_objects", "compatibility_flags"]) {
    expect(derived[key]).toEqual(tracked[key]);
  }
});

test.each([
  ["app", {}, "bt_page"],
  ["edge", {}, undefined],
  ["consumer", {}, undefined],
  ["app", { BATON_HOST: "0.0.0.0" }, undefined],
  ["app", { BATON_HOST: "192.168.0.7" }, undefined],
  ["app", { BATON_PUBLIC_URL: "https://tunnel.example.com" }, undefined],
] as [WorkerName, Record<string, string>, string | undefined][])(
  "derived config: the page's key for %s with %j is %s",
  (name, env, key) => {
    expect(derive(name, env).vars?.LOCAL_PAGE_KEY).toBe(key);
  },
);

test("derived config: a public URL is the app's origin", () => {
  const env = { BATON_PUBLIC_URL: "https://tunnel.example.com" };
  expect(derive("app", env).vars).toMatchObject({ APP_URL: "https://tunnel.example.com" });
});
