import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { pickPort } from "../support/pick-port.ts";
import { newStateFolder, ROOT, runProgram } from "../support/run-program.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Somebody else's server. */
async function occupy(host: string): Promise<string> {
  const port = await pickPort();
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return String(port);
}

const start = (env: Record<string, string>, args: string[] = []) =>
  runProgram("src/local/start.ts", { env, args });

test.each(["127.0.0.1", "0.0.0.0", "::"])(
  "a port in use on %s is one line with the remedy",
  async (host) => {
    const port = await occupy(host);
    const session = await start({ BATON_PORT: port });
    expect(await session.exited).toBe(1);
    const next = Number(port) + 10;
    expect(session.output()).toBe(
      `Port ${port} is in use. Start with another one: BATON_PORT=${next} npm start\n`,
    );
    expect(readdirSync(join(session.state, "configs"))).toEqual([]);
  },
);

test("a receiver's port in use is one line with the remedy", async () => {
  const port = await occupy("127.0.0.1");
  const session = await start({ BATON_RECEIVER_PORT: port });
  expect(await session.exited).toBe(1);
  expect(session.output()).toMatch(
    /^Port \d+ is in use\. [^\n]+BATON_RECEIVER_PORT=\d+ npm start\n$/,
  );
});

test.each<Record<string, string>>([{ LANG: "ko_KR.UTF-8", BATON_LANG: "" }, { BATON_LANG: "ko" }])(
  "with %j the line is Korean, with the same remedy",
  async (language) => {
    const port = await occupy("127.0.0.1");
    const session = await start({ BATON_PORT: port, ...language });
    expect(await session.exited).toBe(1);
    expect(session.output()).toMatch(
      /^포트 \d+번을 이미 쓰고 있습니다[^\n]+BATON_PORT=\d+ npm start\n$/,
    );
  },
);

test.each([
  [{ BATON_PORT: "eighty" }, 1, "BATON_PORT=eighty"],
  [{ BATON_TICK_MS: "-5" }, 1, "BATON_TICK_MS=-5"],
  [{ BATON_STATE: "/dev/null/state" }, 1, "BATON_STATE=.baton/other npm start"],
] as [Record<string, string>, number, string][])(
  "%j is refused in one line",
  async (env, code, text) => {
    const session = await start(env);
    expect(await session.exited).toBe(code);
    expect(session.output()).toContain(text);
    expect(session.output()).toMatch(/^[^\n]+\n$/);
  },
);

test("an unknown flag is one line with the usage, and exit code 2", async () => {
  const session = await start({}, ["--onse"]);
  expect(await session.exited).toBe(2);
  expect(session.output()).toMatch(/^Unknown argument: --onse\. Usage: [^\n]+\n$/);
});

test("--help prints the usage and starts nothing", async () => {
  const session = await start({}, ["--help"]);
  expect(await session.exited).toBe(0);
  expect(session.output()).toContain("Usage: npm start");
  expect(readdirSync(session.state)).toEqual([]);
});

test("without node_modules it says what to run", async () => {
  const folder = newStateFolder();
  mkdirSync(join(folder, "scripts"));
  cpSync(join(ROOT, "scripts/run.mjs"), join(folder, "scripts/run.mjs"));
  const output = await new Promise<string>((resolve) => {
    const args = ["scripts/run.mjs", "src/local/start.ts"];
    const env = { ...process.env, LANG: "C", BATON_LANG: "en" };
    execFile(process.execPath, args, { cwd: folder, env }, (error, _, stderr) =>
      resolve(`${error?.code} ${stderr}`),
    );
  });
  expect(output).toBe("1 Nothing is installed yet. Run: npm ci\n");
});
