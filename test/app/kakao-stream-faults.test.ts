import { expect, it } from "vitest";
import { AgentStream } from "../../src/kakao/agent-stream.ts";
import type { KakaoDeps } from "../../src/kakao/deps.ts";
import type { Caller } from "../../src/kakao/find-caller.ts";
import { addAgent, addMessage } from "./kakao-agent-support.ts";
import { makeChannel } from "./kakao-support.ts";
import { bindings, control } from "./support.ts";

/** A database that can be cut off; `asked` counts what came then. */
function cutDatabase() {
  const state = { isCut: false, asked: 0 };
  const db = new Proxy(control, {
    get(target, name) {
      if (state.isCut) {
        state.asked++;
        throw new Error("the database is away");
      }
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { state, db };
}

async function openStream(db: unknown, caller: Partial<Caller>, onWrite = (_: string) => {}) {
  const ctx = {
    db,
    channels: bindings.CHANNEL,
    kakao: { queueTtlMs: 900_000 },
    waitUntil: () => {},
  } as unknown as KakaoDeps;
  const sink = {
    write: (bytes: Uint8Array, done = () => {}) => {
      onWrite(new TextDecoder().decode(bytes));
      done();
    },
    end: () => {},
  };
  const stream = new AgentStream(
    ctx,
    {
      tokenHash: "x",
      kind: "session",
      sessionId: "",
      status: "pending_pairing",
      account: null,
      pairing: null,
      expiresAt: Date.now() + 300_000,
      ...caller,
    },
    sink,
  );
  await stream.begin();
  return { stream, running: stream.run() };
}

const second = () => new Promise((resolve) => setTimeout(resolve, 1_000));

it("a stream whose code is over asks a database that is away now and then, not all the time", async () => {
  const { state, db } = cutDatabase();
  state.isCut = true;
  const { stream, running } = await openStream(db, { expiresAt: Date.now() - 1 });
  await second();
  stream.close();
  await running;
  expect(state.asked).toBeGreaterThan(0);
  expect(state.asked).toBeLessThan(10);
});

it("nor does one that has just shown a message", async () => {
  const agent = await addAgent(await makeChannel("faults"));
  await addMessage(agent, "안녕");
  const { state, db } = cutDatabase();
  const account = { id: agent.accountId, ratePerMinute: 60 };
  const { promise: shown, resolve } = Promise.withResolvers<void>();
  const { stream, running } = await openStream(db, { status: "paired", account }, (text) => {
    if (text.startsWith("event: connected")) resolve();
  });
  await shown;
  state.isCut = true;
  // A hint makes it read, and by then its message is to be proved.
  await second();
  await bindings.CHANNEL.getByName(`kakao:account:${agent.accountId}`).broadcast([
    JSON.stringify({ kind: "message", messageId: crypto.randomUUID() }),
  ]);
  await second();
  stream.close();
  await running;
  expect(state.asked).toBeGreaterThan(0);
  expect(state.asked).toBeLessThan(20);
});
