import { afterAll, beforeAll, expect, it } from "vitest";
import { type Kakao, startKakao } from "../emulators/kakao.ts";
import { KakaoAgent } from "../support/kakao-agent.ts";
import { pickPort } from "../support/pick-port.ts";
import { RawStream } from "../support/raw-stream.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";

/*
 * A plugin whose connection is lost right when a message comes. Nobody hears of that but by writing to it, so the
 * message must count as delivered only when the connection has shown that it lives; else it would be lost.
 */

let session: TestSession;
let kakao: Kakao;
let agent: KakaoAgent;

beforeAll(async () => {
  const port = await pickPort();
  kakao = await startKakao({ webhookUrl: `http://127.0.0.1:${port}/kakao/webhook` });
  session = await startSession({
    env: { BATON_PORT: String(port), BATON_VAR_KAKAO_CALLBACK_ORIGINS: kakao.origin },
  });
  agent = await KakaoAgent.create(`http://127.0.0.1:${port}`);
  await kakao.write("user", `/pair ${agent.session.pairingCode}`);
});
afterAll(async () => {
  await session?.stop();
  await kakao?.close();
});

/** A stream that is read as lines. */
async function open() {
  const lines: string[] = [];
  const stream = new RawStream(
    {
      port: Number(session.env.BATON_PORT),
      path: `/v1/events?token=${agent.session.sessionToken}`,
    },
    { onLine: (line) => lines.push(line.toString()), onEnd: () => {} },
  );
  await waitFor(() => lines.includes("event: connected"), { what: "connected" });
  return { stream, lines, hasText: (text: string) => lines.some((line) => line.includes(text)) };
}

it.each([
  ["cut", 0],
  ["close", 0],
  ["cut", 40],
  ["close", 40],
] as const)(
  "a connection that is lost (%s) %i ms before a message loses nothing",
  async (how, ms) => {
    const lost = await open();
    lost.stream[how]();
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    const text = `weg ${how} ${ms}`;
    await kakao.write("user", text);
    // Longer than it takes to find out.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(lost.hasText(text)).toBe(false);
    const again = await open();
    expect(again.hasText(text)).toBe(true);
    await waitFor(
      async () => {
        const third = await open();
        const isRepeated = third.hasText(text);
        third.stream.close();
        return !isRepeated;
      },
      { what: "the message to count as delivered", everyMs: 1_000 },
    );
    again.stream.close();
  },
);
