import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { answerJson, baton, newFolder, serve } from "./support.ts";

const KEY = "bt_key_of_the_test";

/** A deployment that knows one key. */
function deployment() {
  return serve((request, response) => {
    if (request.headers.authorization === `Bearer ${KEY}`) {
      answerJson(response, 200, { data: [], nextCursor: null });
    } else {
      answerJson(response, 401, {
        title: "Not authenticated",
        status: 401,
        detail: "Unknown key.",
      });
    }
  });
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

test.each<[string, (config: string) => Record<string, string>]>([
  ["XDG_CONFIG_HOME", (config) => ({ XDG_CONFIG_HOME: config })],
  ["HOME", (config) => ({ HOME: dirname(config) })],
])(
  "login keeps address and key for the owner only, by %s; later commands use them",
  async (_, say) => {
    const { url } = await deployment();
    const config = join(newFolder(), ".config");
    const env = say(config);
    const login = await baton(["login", "--url", url], { env, stdin: `${KEY}\n` });
    expect(login).toMatchObject({ code: 0, err: "" });
    const file = join(config, "baton/config.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ url, key: KEY });
    expect([modeOf(file), modeOf(dirname(file))]).toEqual([0o600, 0o700]);
    expect(await baton(["sources", "ls", "--json"], { env })).toEqual({
      code: 0,
      out: "[]\n",
      err: "",
    });
    const show = await baton(["config", "show"], { env });
    expect(show.out).toContain("…test");
    expect(show.out).not.toContain(KEY);
  },
);

test("login reads stdin when the variable of the key is empty, and says how to give it one", async () => {
  const { url } = await deployment();
  const env = { XDG_CONFIG_HOME: newFolder(), BATON_API_KEY: "" };
  expect(await baton(["login", "--url", url], { env, stdin: KEY })).toMatchObject({ code: 0 });
  const asked = await baton(["login", "--url", url], { env, terminals: { stdin: true } });
  expect(asked).toMatchObject({ code: EXIT.unauthorized, out: "" });
  expect(asked.err).toContain(`baton login --url ${url} < FILE`);
});

test("config set answers with --json too", async () => {
  const env = { XDG_CONFIG_HOME: newFolder() };
  const { out } = await baton(["config", "set", "url", "http://127.0.0.1:9", "--json"], { env });
  expect(JSON.parse(out)).toEqual({ file: join(env.XDG_CONFIG_HOME, "baton/config.json") });
});

test("login keeps nothing that the deployment does not know", async () => {
  const { url } = await deployment();
  const config = newFolder();
  const env = { XDG_CONFIG_HOME: config };
  const wrong = await baton(["login", "--url", url, "--key", "bt_wrong"], { env });
  expect(wrong).toMatchObject({ code: EXIT.unauthorized, out: "" });
  const none = await baton(["login", "--url", url], { env });
  expect(none).toMatchObject({ code: EXIT.unauthorized, out: "" });
  expect(existsSync(join(config, "baton/config.json"))).toBe(false);
});

test("a file that others can read is warned of, and works", async () => {
  const { url } = await deployment();
  const config = newFolder();
  const file = join(config, "baton/config.json");
  mkdirSync(dirname(file));
  writeFileSync(file, JSON.stringify({ url, key: KEY }));
  chmodSync(file, 0o644);
  const ran = await baton(["sources", "ls", "--json"], { env: { XDG_CONFIG_HOME: config } });
  expect(ran).toMatchObject({ code: 0, out: "[]\n" });
  expect(ran.err).toContain(`chmod 600 ${file}`);
});

test("a broken file is one line with the remedy", async () => {
  const config = newFolder();
  mkdirSync(join(config, "baton"));
  for (const text of ["{", "[]", '{"url":1}']) {
    writeFileSync(join(config, "baton/config.json"), text, { mode: 0o600 });
    const ran = await baton(["sources", "ls"], { env: { XDG_CONFIG_HOME: config } });
    expect(ran).toMatchObject({ code: EXIT.usage, out: "" });
    expect(ran.err).toContain("cannot be read as settings. Mend or remove it");
  }
});

test("another address drops the kept key; the same one keeps it", async () => {
  const env = { XDG_CONFIG_HOME: newFolder() };
  const kept = () =>
    JSON.parse(readFileSync(join(env.XDG_CONFIG_HOME, "baton/config.json"), "utf8")) as object;
  await baton(["config", "set", "url", "https://a.example"], { env });
  await baton(["config", "set", "key", "-"], { env, stdin: `${KEY}\n` });
  await baton(["config", "set", "url", "https://a.example/"], { env });
  expect(kept()).toEqual({ url: "https://a.example", key: KEY });
  await baton(["config", "set", "url", "https://b.example"], { env });
  expect(kept()).toEqual({ url: "https://b.example" });
});

test("the local session of this folder is used while it runs", async () => {
  const { url } = await deployment();
  const cwd = newFolder();
  mkdirSync(join(cwd, ".baton"));
  const write = (pid?: number) =>
    writeFileSync(
      join(cwd, ".baton/local.json"),
      JSON.stringify({ appUrl: url, apiKey: KEY, pid }),
    );
  write(process.pid);
  expect(await baton(["sources", "ls", "--json"], { cwd })).toMatchObject({ code: 0, out: "[]\n" });
  write();
  const stopped = await baton(["sources", "ls", "--json"], { cwd });
  expect(stopped).toMatchObject({ code: EXIT.usage, out: "" });
  expect(stopped.err).toContain("The local session does not run. Start it (npm start)");
});

test("a folder's file leads no key to another machine", async () => {
  const cwd = newFolder();
  mkdirSync(join(cwd, ".baton"));
  const file = { appUrl: "http://198.51.100.7:1", apiKey: "x", pid: process.pid };
  writeFileSync(join(cwd, ".baton/local.json"), JSON.stringify(file));
  const ran = await baton(["sources", "ls"], { cwd, env: { BATON_API_KEY: KEY } });
  expect(ran).toMatchObject({ code: EXIT.usage, out: "" });
  expect(ran.err).toContain("No deployment is known here.");
});

test("files that are not needed are not read", async () => {
  const { url } = await deployment();
  const cwd = newFolder();
  const config = newFolder();
  for (const folder of [join(cwd, ".baton"), join(config, "baton")]) mkdirSync(folder);
  writeFileSync(join(cwd, ".baton/local.json"), "{");
  writeFileSync(join(config, "baton/config.json"), "{");
  const env = { XDG_CONFIG_HOME: config };
  const words = ["sources", "ls", "--json", "--url", url];
  expect(await baton([...words, "--key", KEY], { cwd, env })).toEqual({
    code: 0,
    out: "[]\n",
    err: "",
  });
  expect(await baton(words, { cwd, env })).toMatchObject({ code: EXIT.usage, out: "" });
});

test("--url and --key may stand before the command; a destination's --url is its own", async () => {
  const bodies: string[] = [];
  const { url, requests } = await serve((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      bodies.push(text);
      answerJson(response, 201, { id: "dst_1" });
    });
  });
  const words = [
    "destinations",
    "create",
    "--kind",
    "http",
    "--name",
    "x",
    "--url",
    "https://hook",
  ];
  const ran = await baton(["--url", url, "--key", KEY, ...words, "--json"]);
  expect(ran).toMatchObject({ code: 0, err: "" });
  expect(requests).toEqual([
    { method: "POST", url: "/api/v1/destinations", authorization: `Bearer ${KEY}` },
  ]);
  expect(bodies.map((body) => JSON.parse(body) as object)).toEqual([
    { kind: "http", name: "x", config: { url: "https://hook" } },
  ]);
});
