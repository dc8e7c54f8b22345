// The other side of test/bench/channels.ts: a process that holds every subscriber and publishes, so that the server's
// process is measured alone. It is told what to do by messages, and answers each with one.
import { Agent, request } from "node:http";
import { RawStream } from "../support/raw-stream.ts";

/** How many have been sent when the next one goes out: after the last receiver, by the clock, or a few under way. */
export type Mode = "serial" | "paced" | "burst";
export type Subscribers = {
  count: number;
  port: number;
  path: string;
  headers: Record<string, string>;
  /** Of a server whose frames have numbers: what stands before the number in a line, without its epoch. */
  idPrefix: string | null;
  acks: boolean;
};
export type Load = {
  mode: Mode;
  messages: number;
  perSecond: number;
  inFlight: number;
  bytes: number;
  publish: { port: number; path: string; headers: Record<string, string>; wrap: [string, string] };
};
export type Order =
  | { kind: "open"; subscribers: Subscribers }
  | { kind: "run"; load: Load }
  | { kind: "close" };
export type Result = {
  seconds: number;
  deliveries: number;
  lost: number;
  doubled: number;
  reordered: number;
  /** ms from the publish (paced: from when it was due) to each receiver. */
  p50: number;
  p99: number;
  /** ms from the publish to the last receiver. */
  lastP50: number;
  lastMax: number;
  failed: number;
};

const ACK_EVERY_BYTES = 128 * 1024;
const OPENING_AT_ONCE = 50;
/** After this long without a delivery, what is missing is lost. */
const SILENCE_MS = 3000;
const NUMBER = Buffer.from('{"n":');

type Reader = { stream: RawStream; lastSeq: number; idStart: number; acked: number };

let readers: Reader[] = [];
let run: Run | undefined;

process.on("message", (order: Order) => {
  void carryOut(order).then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit());

async function carryOut(order: Order): Promise<unknown> {
  if (order.kind === "open") return openAll(order.subscribers);
  if (order.kind === "run") return measure(order.load);
  for (const { stream } of readers) stream.close();
  readers = [];
  return {};
}

async function openAll(subscribers: Subscribers): Promise<object> {
  for (let left = subscribers.count; left > 0; left -= OPENING_AT_ONCE) {
    const some = Math.min(left, OPENING_AT_ONCE);
    await Promise.all(Array.from({ length: some }, () => openOne(subscribers)));
  }
  return {};
}

function openOne({ idPrefix, acks, ...request }: Subscribers): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader: Reader = { lastSeq: -1, idStart: -1, acked: 0 } as Reader;
    reader.stream = new RawStream(request, {
      onHead(status) {
        if (status !== 101 && status !== 200) reject(new Error(`a subscriber got ${status}`));
        else if (idPrefix === null) resolve();
      },
      onLine(line) {
        if (idPrefix !== null) readId(reader, line, idPrefix, resolve);
        const at = line.indexOf(NUMBER);
        if (at >= 0) run?.receive(reader, numberAt(line, at + NUMBER.length));
        if (acks && reader.stream.receivedBytes - reader.acked >= ACK_EVERY_BYTES) {
          reader.acked = reader.stream.receivedBytes;
          reader.stream.send(`ack ${reader.acked}`);
        }
      },
      onEnd: () => reject(new Error("a subscriber was closed")),
    });
    readers.push(reader);
  });
}

/** The number of each frame is the one after the number before it: what is not is counted. */
function readId(reader: Reader, line: Buffer, prefix: string, onFirst: () => void): void {
  if (reader.idStart < 0) {
    const text = line.toString();
    if (!text.startsWith(prefix)) return;
    reader.idStart = text.indexOf("-", prefix.length) + 1;
    reader.lastSeq = numberAt(line, reader.idStart);
    return onFirst();
  }
  if (line[0] !== prefix.charCodeAt(0) || line[1] !== prefix.charCodeAt(1)) return;
  const seq = numberAt(line, reader.idStart);
  if (seq === reader.lastSeq) run?.count("doubled");
  else if (seq < reader.lastSeq) run?.count("reordered");
  reader.lastSeq = Math.max(seq, reader.lastSeq);
}

function numberAt(line: Buffer, from: number): number {
  let number = 0;
  for (let i = from; ; i++) {
    const digit = (line[i] ?? 0) - 48;
    if (digit < 0 || digit > 9) return number;
    number = number * 10 + digit;
  }
}

class Run {
  readonly #sentAt: Float64Array;
  readonly #left: Int32Array;
  readonly #last: Float64Array;
  readonly #latencies: Float32Array;
  readonly #expected: number;
  readonly #counts = { doubled: 0, reordered: 0 };
  #deliveries = 0;
  #lastAt = performance.now();
  #onComplete: ((n: number) => void) | undefined;

  constructor(messages: number, subscribers: number) {
    this.#sentAt = new Float64Array(messages);
    this.#last = new Float64Array(messages);
    this.#left = new Int32Array(messages).fill(subscribers);
    this.#expected = messages * subscribers;
    this.#latencies = new Float32Array(this.#expected);
  }

  sent(n: number, at: number): void {
    this.#sentAt[n] = at;
  }

  receive(_reader: Reader, n: number): void {
    const now = performance.now();
    this.#lastAt = now;
    const ms = now - (this.#sentAt[n] ?? 0);
    if (this.#deliveries < this.#expected) this.#latencies[this.#deliveries] = ms;
    this.#deliveries++;
    const left = (this.#left[n] ?? 0) - 1;
    this.#left[n] = left;
    if (left !== 0) return;
    this.#last[n] = ms;
    this.#onComplete?.(n);
  }

  count(what: "doubled" | "reordered"): void {
    this.#counts[what]++;
  }

  completed(n: number): Promise<void> {
    if (this.#left[n] === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onComplete = (done) => done === n && resolve();
    });
  }

  /** Resolves when everything is there, or nothing comes any more. */
  async settled(): Promise<void> {
    while (this.#deliveries < this.#expected && performance.now() - this.#lastAt < SILENCE_MS) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  result(startedAt: number, failed: number): Result {
    const latencies = this.#latencies.subarray(0, this.#deliveries).toSorted();
    const last = this.#last.filter((ms) => ms > 0).toSorted();
    const at = (list: Float32Array | Float64Array, share: number) =>
      list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Number.NaN;
    const lost = this.#left.reduce((sum, left) => sum + Math.max(0, left), 0);
    return {
      seconds: (this.#lastAt - startedAt) / 1000,
      deliveries: this.#deliveries,
      lost,
      ...this.#counts,
      p50: at(latencies, 0.5),
      p99: at(latencies, 0.99),
      lastP50: at(last, 0.5),
      lastMax: last.at(-1) ?? Number.NaN,
      failed,
    };
  }
}

async function measure(load: Load): Promise<Result> {
  const { mode, messages, perSecond, inFlight } = load;
  const current = new Run(messages, readers.length);
  run = current;
  const line = new PublishLine(load);
  let failed = 0;
  const send = async (n: number, at = performance.now()) => {
    current.sent(n, at);
    if (!(await line.publish(n))) failed++;
  };
  const startedAt = performance.now();
  if (mode === "serial") {
    for (let n = 0; n < messages; n++) {
      await send(n);
      await Promise.race([current.completed(n), current.settled()]);
    }
  } else if (mode === "paced") {
    const answers: Promise<void>[] = [];
    for (let n = 0; n < messages; n++) {
      const due = startedAt + (n * 1000) / perSecond;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      answers.push(send(n, due));
    }
    await Promise.all(answers);
  } else {
    let next = 0;
    const publishOn = async () => {
      while (next < messages) await send(next++);
    };
    await Promise.all(Array.from({ length: inFlight }, publishOn));
  }
  await current.settled();
  run = undefined;
  line.close();
  return current.result(startedAt, failed);
}

/** Publishes over connections that stay open. */
class PublishLine {
  readonly #load: Load;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(load: Load) {
    this.#load = load;
  }

  /** False when it was refused or lost. */
  publish(n: number): Promise<boolean> {
    const { bytes, publish } = this.#load;
    const { port, path, headers, wrap } = publish;
    const data = `{"n":${n},"pad":"`;
    const body = `${wrap[0]}${data}${"x".repeat(bytes - data.length - 2)}"}${wrap[1]}`;
    const options = { host: "127.0.0.1", port, path, method: "POST", headers, agent: this.#agent };
    return new Promise((resolve) => {
      const sent = request(options, (answer) => {
        answer.resume();
        answer.on("end", () => resolve((answer.statusCode ?? 500) < 300));
      });
      sent.on("error", () => resolve(false));
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
