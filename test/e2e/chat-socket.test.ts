import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Platform, startPlatform } from "../support/channel-platform.ts";
import { RawStream } from "../support/raw-stream.ts";
import { waitFor } from "../support/wait-for.ts";

type Frame = Record<string, unknown>;

let folder: string;
let platform: Platform;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-socket-"));
  platform = await startPlatform(folder);
  await api("/api/v1/sources", { slug: "talk", preset: "chat" }, platform.apiKey);
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true });
});

async function api(path: string, body: object, token: string): Promise<Frame> {
  const answer = await fetch(`http://127.0.0.1:${platform.ports().app}${path}`, {
    method: "POST",
    headers: {
      authorization: token.startsWith("bt_") ? `Bearer ${token}` : token,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Frame;
}

async function tokenOf(userId: string): Promise<string> {
  return String((await api("/api/v1/chat/tokens", { userId }, platform.apiKey)).token);
}

/** A client's socket over TCP. */
class Device {
  readonly frames: Frame[] = [];
  status = 0;
  isOver = false;
  readonly stream: RawStream;

  constructor(token: string, query = "") {
    this.stream = new RawStream(
      {
        port: platform.ports().app,
        path: `/chat/talk/ws/?Authorization=${token}${query}`,
        headers: { upgrade: "websocket" },
      },
      {
        onHead: (status) => (this.status = status),
        onLine: (line) => void this.frames.push(JSON.parse(line.toString()) as Frame),
        onEnd: () => (this.isOver = true),
      },
    );
  }

  get contents(): unknown[] {
    return this.frames.filter(({ type }) => type === "new-message").map(({ content }) => content);
  }

  send(frame: object): void {
    this.stream.send(JSON.stringify(frame));
  }

  got(type: string, n = 1): Promise<Frame> {
    return waitFor(() => this.frames.filter((frame) => frame.type === type)[n - 1], {
      what: `${type} ${n}`,
      explain: () => JSON.stringify(this.frames),
    });
  }
}

async function socketsOf(userId: string): Promise<number> {
  const topic = platform.topic("").replace(/^topic:/, "chat:");
  const init = { method: "POST", body: JSON.stringify({ name: `${topic}${userId}` }) };
  const answer = await fetch(`http://127.0.0.1:${platform.ports().publisher}/`, init);
  return ((await answer.json()) as { sockets: number }).sockets;
}

it("a client that is cut off, whenever, leaves no socket in its user's channel", async () => {
  const token = await tokenOf("cut");
  const later: Device[] = [];
  for (let n = 0; n < 60; n++) {
    const device = new Device(token, n % 2 === 0 ? "" : "&v=2&after=0");
    if (n % 3 === 0) {
      later.push(device);
      continue;
    }
    await sleep(n / 2);
    if (n % 3 === 1) device.stream.cut();
    else device.stream.close();
  }
  await waitFor(() => later.slice(-3).every(({ status }) => status === 101), { what: "sockets" });
  expect(await socketsOf("cut")).toBeGreaterThan(0);
  for (const device of later) device.stream.cut();
  await waitFor(async () => (await socketsOf("cut")) === 0, { what: "the sockets to go" });
});

it("what is sent while Workers are replaced is there once, in order, after a resume", async () => {
  const [sender, reader] = [await tokenOf("sender"), await tokenOf("reader")];
  const { conversationId } = await api(
    "/chat/talk/conversation",
    { recipientIdArr: ["reader"], isGroup: false, title: "" },
    sender,
  );
  const say = async (content: string) => {
    const device = new Device(sender, "&v=2");
    await device.got("ready");
    device.send({ action: "send-message", tempMessageId: content, conversationId, content });
    await device.got("ack");
    device.stream.close();
  };
  const first = new Device(reader, "&v=2&after=0");
  await first.got("resumed");
  await say("one");
  await first.got("new-message");
  await platform.crash();
  await waitFor(() => first.isOver, { what: "the end of the socket" });
  await say("two");
  const { epoch } = await first.got("ready");
  const seq = first.frames.at(-1)?.seq;
  const second = new Device(reader, `&v=2&after=${seq}&epoch=${epoch}`);
  expect(await second.got("resumed")).toMatchObject({ seq, epoch, isComplete: true });
  await say("three");
  await second.got("new-message", 2);
  expect([...first.contents, ...second.contents]).toEqual(["one", "two", "three"]);
  second.stream.close();
});
