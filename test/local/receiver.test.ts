import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  describeReceived,
  type ReceivedRequest,
  type Receiver,
  startReceiver,
} from "../../src/local/receiver.ts";
import { pickPort } from "../support/pick-port.ts";
import { runProgram } from "../support/run-program.ts";
import { waitFor } from "../support/wait-for.ts";

let receiver: Receiver;
let url: string;
const told: ReceivedRequest[] = [];

beforeAll(async () => {
  const port = await pickPort();
  url = `http://127.0.0.1:${port}`;
  receiver = await startReceiver(port, (request) => told.push(request));
});
afterAll(() => receiver.close());

async function received(): Promise<ReceivedRequest[]> {
  return (await fetch(`${url}/__received`)).json() as Promise<ReceivedRequest[]>;
}

test("receiver: answers 200 and shows what it got, with the hash of every byte", async () => {
  const body = Buffer.alloc(10_000, "한");
  const answer = await fetch(`${url}/card?x=1`, { method: "PUT", body, headers: { "x-a": "b" } });
  expect(answer.status).toBe(200);
  const [last] = await received();
  expect(last).toMatchObject({
    method: "PUT",
    url: "/card?x=1",
    size: 10_000,
    sha256: createHash("sha256").update(body).digest("hex"),
    status: 200,
  });
  expect(last?.headers["x-a"]).toBe("b");
  expect(Buffer.byteLength(last?.body ?? "")).toBeLessThanOrEqual(4096 + 3);
  expect(told).toHaveLength(1);
});

test("receiver: remembers the last 100, newest first, and not the looks at its list", async () => {
  for (let i = 0; i < 105; i++) await fetch(`${url}/n/${i}`, { method: "POST" });
  const list = await received();
  expect(list).toHaveLength(100);
  expect(list[0]?.url).toBe("/n/104");
  expect(list.at(-1)?.url).toBe("/n/5");
});

test("receiver: a line about a request is one line, and short", async () => {
  await fetch(`${url}/long`, { method: "POST", body: `a\n\u001b[31m${"b".repeat(500)}` });
  const [last] = await received();
  const line = last ? describeReceived(last) : "";
  expect(line).toMatch(/^POST \/long \(\d+ B\) a \[31mb+…$/);
  expect(line.length).toBeLessThan(120);
});

test("receiver: a line shows no one-time code, however it was forwarded", async () => {
  const type = (value: string) => ({ "content-type": value });
  const eucKr = new Uint8Array([0xc0, 0xce, 0xc1, 0xf5, ...Buffer.from(" 024561")]);
  const sent: [string, string | Uint8Array<ArrayBuffer>, Record<string, string>][] = [
    ["/", '{"message":"[네이버] 인증번호 [024561]"}', {}],
    ["/", "024561", {}],
    [
      "/",
      "message=%EC%9D%B8%EC%A6%9D%EB%B2%88%ED%98%B8+024561",
      type("application/x-www-form-urlencoded"),
    ],
    ["/", eucKr, type("text/plain")],
    ["/sms?a=1&message=024561", "", {}],
  ];
  for (const [path, body, headers] of sent) {
    await fetch(url + path, { method: "POST", body, headers });
    const [last] = await received();
    const line = last ? describeReceived(last) : "";
    expect(line).toContain("******");
    expect(line).not.toContain("024561");
  }
  expect((await received())[4]?.body).toContain("024561");
});

test("receiver: runs by itself, and says so when its port is in use", async () => {
  const env = { BATON_RECEIVER_PORT: String(await pickPort()) };
  const first = await runProgram("src/local/receive.ts", { env });
  await waitFor(() => first.output().includes("http://127.0.0.1:"), { what: "the receiver" });
  await fetch(`http://127.0.0.1:${env.BATON_RECEIVER_PORT}/hello`, { method: "POST", body: "hi" });
  await waitFor(() => first.output().includes("POST /hello (2 B) hi"), { what: "its line" });
  const second = await runProgram("src/local/receive.ts", { env });
  expect(await second.exited).toBe(1);
  expect(second.output()).toMatch(/^Port \d+ is in use\. [^\n]*BATON_RECEIVER_PORT=\d+ [^\n]*\n$/);
  first.child.kill();
  await first.exited;
});
