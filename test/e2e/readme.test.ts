import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSens } from "../emulators/sens.ts";
import { startSlack } from "../emulators/slack.ts";
import { COMPILE_CACHE } from "../support/compile-cache.ts";
import { pickPort } from "../support/pick-port.ts";
import { ROOT } from "../support/run-program.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call } from "./support.ts";

/*
 * The README's commands, run as they stand there, in one shell and in their order; only ports, and the path of the
 * local file, are those of the test's session. What starts an emulator is left out: the same ones run in the test,
 * so that it sees what they took.
 */

/** Runs a script and gives what it printed. What it has left running ends with the test. */
async function run(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  const shell = spawn("bash", ["-euo", "pipefail", "-c", script], {
    cwd: ROOT,
    env: { ...COMPILE_CACHE, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  groups.push(shell.pid);
  let [printed, errors] = ["", ""];
  shell.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  shell.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const code = await new Promise((done) => shell.once("close", done));
  expect({ code, printed, errors }).toMatchObject({ code: 0 });
  return printed;
}

const groups: (number | undefined)[] = [];
afterAll(() => groups.forEach(killGroup));

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it runs any more.
  }
}

type Slack = Awaited<ReturnType<typeof startSlack>>;
let session: TestSession;
let group: Slack;
let admin: Slack;
let sens: Awaited<ReturnType<typeof startSens>>;
/** What each block printed. */
let printed: string[];

const blocks = shellBlocks("README.md");

/** The commands below a heading and the ones before the next. */
function shellBlocks(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const found = text.matchAll(/^( *)```sh\n(.*?)^ *```$/gms);
  return Array.from(found, ([, indent = "", code = ""]) =>
    code.replaceAll(new RegExp(`^${indent}`, "gm"), "").trim(),
  );
}

/** The block that has this text; there is exactly one. */
function indexOf(text: string): number {
  const found = blocks.flatMap((block, i) => (block.includes(text) ? [i] : []));
  expect({ text, blocks: found.length }).toEqual({ text, blocks: 1 });
  return found[0] ?? -1;
}

function output(text: string): string {
  return printed[indexOf(text)] ?? "";
}

function texts({ messages }: Slack): unknown[] {
  return messages.map(({ payload }) => payload.text);
}

const MARK = "@@ block";

beforeAll(async () => {
  const ports = { BATON_PORT: await pickPort(), BATON_RECEIVER_PORT: await pickPort() };
  session = await startSession({
    env: {
      BATON_PORT: String(ports.BATON_PORT),
      BATON_RECEIVER_PORT: String(ports.BATON_RECEIVER_PORT),
    },
  });
  group = await startSlack();
  admin = await startSlack();
  sens = await startSens();
  const names: [string, string][] = [
    ["localhost:8787", `localhost:${ports.BATON_PORT}`],
    ["127.0.0.1:8788", `127.0.0.1:${ports.BATON_RECEIVER_PORT}`],
    ["http://127.0.0.1:8802", new URL(group.url).origin],
    ["http://127.0.0.1:8812", new URL(admin.url).origin],
    ["http://127.0.0.1:8801", sens.baseUrl],
    ["./.baton/local.json", join(session.state, "local.json")],
  ];
  const script = blocks
    .map((block) => (block.startsWith("npm ") ? "true" : block))
    .map((block) => names.reduce((text, [from, to]) => text.replaceAll(from, to), block))
    .join(`\necho; echo '${MARK}'\n`);
  // `npx baton` finds the session of the test.
  const env = {
    ...process.env,
    BATON_STATE: session.state,
    XDG_STATE_HOME: join(session.state, "xdg"),
    BATON_LANG: "en",
  };
  printed = (await run(script, env)).split(`${MARK}\n`);
}, 120_000);

describe("the README's commands", () => {
  it("are the same in both languages", () => {
    expect(shellBlocks("README.ko.md")).toEqual(blocks);
  });

  it("first delivery: a rule for approved payments, and the receiver has what it matched", async () => {
    expect(output("http://localhost:8787/in/card/sms")).toMatch(/^HTTP\/1.1 202 [^]*"id":"evt_/);
    const received = async () => (await fetch(new URL("/__received", session.receiverUrl))).text();
    await waitFor(async () => (await received()).includes('"url":"/expenses"'), {
      what: "the delivery at the receiver",
    });
    expect(JSON.parse(output("/rules/test"))).toMatchObject({ matched: false });
  });

  it("story 1: a phone's card message is in the group's Slack and in the administrator's", async () => {
    expect(JSON.parse(output("http://localhost:8787/webhook/sms"))).toMatchObject({ ok: true });
    expect(JSON.parse(output("$SMS_URL"))).toMatchObject({ ok: true });
    const expected = "신한카드 1234 홍*동: 12,000원 스타벅스강남점 (345,000원 left)";
    for (const slack of [group, admin]) {
      await waitFor(() => texts(slack).includes(expected), {
        what: "the message in Slack",
        explain: () => JSON.stringify([slack.messages, slack.refusals]),
      });
      expect(slack.refusals).toEqual([]);
    }
  });

  it("story 1: who used which card, and how much is left", () => {
    const [json = "", csv = ""] = output("/sms/ledger").split(/(?=\uFEFF)/);
    const ledger = JSON.parse(json) as { entries: object[]; totals: object[] };
    expect(ledger.entries).toContainEqual(
      expect.objectContaining({ holder: "홍*동", merchant: "스타벅스강남점", balance: 345_000 }),
    );
    expect(ledger.totals).toContainEqual(
      expect.objectContaining({ card: { issuer: "신한카드", id: "1234" }, balance: 345_000 }),
    );
    expect(csv).toContain("스타벅스강남점");
  });

  it("story 2: a Slack message comes as it was, with its sender once asked for, and none when blocked", async () => {
    expect(output("invoice 17").trimEnd()).toMatch(/ok$/);
    const counts = JSON.parse(output("/senders/counts").split("\n")[0] ?? "") as { data: object[] };
    expect(counts.data).toMatchObject([
      { sender: { id: null, identifiedBy: null }, suggestion: { match: {} }, events: 1 },
    ]);
    await waitFor(() => texts(group).some((text) => String(text).includes("invoice 18")), {
      what: "the second invoice in Slack",
      explain: () => JSON.stringify([group.messages, group.refusals]),
    });
    const invoices = group.messages.filter(({ payload }) =>
      JSON.stringify(payload).includes("invoice"),
    );
    expect(invoices.map(({ payload }) => payload.text)).toEqual([
      "invoice 17 is late",
      expect.stringMatching(/^invoice 18 is late[^]*billing/),
    ]);
    expect(output("invoice 19")).not.toMatch(/ok$/);
    const { data } = await call<{ data: { id: string; slug: string }[] }>(
      session,
      200,
      "GET",
      "/sources",
    );
    const old = data.find(({ slug }) => slug === "old-slack");
    const after = await call<{ data: object[] }>(
      session,
      200,
      "GET",
      `/sources/${old?.id}/senders/counts`,
    );
    expect(after.data).toContainEqual(
      expect.objectContaining({ state: "blocked", events: 1, blocked: 1 }),
    );
  });

  it("story 3: lines of a log are text messages, each once, through a rotation and a kill", async () => {
    const contents = () => sens.requests.map(({ payload }) => String(payload.content));
    const lines = ["ERROR payment failed", "ERROR after the rotation", "ERROR while nobody looked"];
    await waitFor(() => lines.every((line) => contents().some((text) => text.includes(line))), {
      what: "three messages at SENS",
      explain: () => JSON.stringify([contents(), sens.refusals]),
    });
    expect([contents().length, sens.refusals]).toEqual([3, []]);
    expect(output("kill $(agent) && wait")).toContain("no alert left");
  });

  it("channels: what is published is there for a poll", () => {
    const [published, polled] = output("/channels/orders/publish").trim().split("\n");
    const { ids } = JSON.parse(published ?? "") as { ids: string[] };
    expect(JSON.parse(polled ?? "")).toMatchObject({
      data: [{ id: ids[0], event: "paid", data: { order: 18 } }],
      next: ids[0],
    });
  });

  it("KakaoTalk: a simulated user is connected to an agent, and hears it", () => {
    expect(output("npx baton kakao")).toMatch(/✅[^]*\necho: 내 말 들려\?\n/);
  });

  it("chat: what one user wrote is there for the other, not read", () => {
    const list = output("/chat/tokens").trim().split("\n").at(-1) ?? "";
    expect(JSON.parse(list)).toMatchObject([
      { latestContent: "점심 먹을래요?", senderId: "alice", participantId: "alice", isRead: false },
    ]);
  });

  it("listen: an event is at the local server, and its answer on record", async () => {
    expect(output("npx baton listen")).toMatch(/card POST \/sms → 200 \d+ ms/);
    const received = await (await fetch(new URL("/__received", session.receiverUrl))).text();
    expect(received).toContain('"url":"/on-my-machine/sms"');
  });
});
