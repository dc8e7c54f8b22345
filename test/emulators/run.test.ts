import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = new Promise((done) => child.once("exit", done));
    if (child.exitCode === null && child.kill("SIGTERM")) await ended;
  }
});

/** The program as `npm run emulator` starts it, and what it has printed. */
function run(...words: string[]) {
  const child = spawn(process.execPath, ["scripts/run.mjs", "test/emulators/run.ts", ...words], {
    cwd: ROOT,
  });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text: Buffer) => {
      output += text.toString();
    });
  }
  return { child, output: () => output };
}

/** The destination that it prints. */
async function started(name: string) {
  const { output } = run(name, "--port", "0");
  const line = await waitFor(
    () =>
      output()
        .split("\n")
        .find((text) => text.startsWith("{")),
    {
      what: "the emulator's destination",
      explain: output,
    },
  );
  return { output, ...(JSON.parse(line) as { kind: string; config: Record<string, string> }) };
}

describe("npm run emulator", () => {
  it("sens: prints its keys, refuses what is not signed, and says so", async () => {
    const { kind, config, output } = await started("sens");
    expect(kind).toBe("sens_sms");
    const url = `${config.baseUrl}/sms/v2/services/${config.serviceId}/messages`;
    expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(401);
    await waitFor(() => output().includes("refused 401"), { what: "the refusal", explain: output });
  });

  it("slack: prints its URL, and each message that it takes", async () => {
    const { kind, config, output } = await started("slack");
    expect(kind).toBe("slack");
    const answer = await fetch(config.url ?? "", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: "안녕" }),
    });
    expect(await answer.text()).toBe("ok");
    await waitFor(() => output().includes('took    {"text":"안녕"}'), {
      what: "the message",
      explain: output,
    });
  });

  it.each(["discord", "telegram"])("%s: starts", async (name) => {
    expect(await started(name)).toMatchObject({ kind: name });
  });

  it.each([[], ["fax"], ["sens", "--port", "x"]])("says what to do about %j", async (...words) => {
    const { child, output } = run(...words);
    await waitFor(() => child.exitCode !== null, { what: "its end" });
    expect([child.exitCode, output()]).toEqual([2, expect.stringMatching(/emulator --|--port is/)]);
  });
});
