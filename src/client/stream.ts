import { ClientError } from "./client-error.ts";
import type { Cut } from "./cut.ts";
import { type Frame, readFrame } from "./frame.ts";
import { NdjsonParser, parseJson } from "./ndjson-parser.ts";
import { authorization, request } from "./request.ts";
import { SseParser } from "./sse-parser.ts";
import type { Line, Transport } from "./transport.ts";

/** What a piece of a stream says: frames to be taken, the position, or how long to wait. */
type Item = Frame | { ready: string } | { retry: number };
type Parser = { push(piece: Uint8Array): Iterable<Item> };
type Format = { name: "sse" | "ndjson"; mediaType: string; parser: () => Parser };

/** Server-Sent Events over `fetch`: it sends the token in a header, shows a refusal, and is in every Node. */
export const runSse: Transport = (line) =>
  runStream(line, {
    name: "sse",
    mediaType: "text/event-stream",
    parser: () => toItems(new SseParser()),
  });

export const runNdjson: Transport = (line) =>
  runStream(line, {
    name: "ndjson",
    mediaType: "application/x-ndjson",
    parser: () => {
      const parser = new NdjsonParser();
      return {
        *push(piece) {
          for (const value of parser.push(piece)) yield readFrame(value);
        },
      };
    },
  });

function toItems(parser: SseParser): Parser {
  return {
    *push(piece) {
      for (const item of parser.push(piece)) {
        if (item.kind === "retry") yield { retry: item.ms };
        else if (item.kind === "position") yield { ready: item.id };
        else yield { id: item.id, event: item.event, data: parseJson(item.data), at: null };
      }
    },
  };
}

async function runStream(line: Line, { name, mediaType, parser }: Format): Promise<Cut> {
  const { openMs: limitMs, silenceMs } = line.timing;
  const headers = { accept: mediaType, ...authorization(line.token) };
  let hasAnswered = false;
  const cut = await request(
    line.url(name),
    { signal: line.signal, limitMs, headers },
    (response, alarm) => {
      hasAnswered = true;
      const isOurs = response.headers.get("content-type")?.split(";")[0]?.trim() === mediaType;
      if (!isOurs || !response.body) return Promise.resolve(notAStream(mediaType));
      return read(line, response.body.getReader(), parser(), {
        reading: () => alarm.again(line.isOpen() ? silenceMs : limitMs),
        handling: alarm.stop,
      });
    },
  );
  // Something between the two holds the stream back.
  const isBlocked = hasAnswered && !line.isOpen();
  return cut.kind === "lost" && isBlocked ? { ...cut, isBlocked } : cut;
}

async function read(
  line: Line,
  reader: { read(): Promise<{ done: boolean; value?: Uint8Array }> },
  parser: Parser,
  clock: { reading(): void; handling(): void },
): Promise<Cut> {
  for (;;) {
    clock.reading();
    const { done, value } = await reader.read();
    if (done) return { kind: "lost", error: new ClientError("The connection was ended.") };
    // What the caller does with a frame may take any time: the server is not asked for more meanwhile.
    clock.handling();
    line.opened();
    for (const item of parser.push(value ?? new Uint8Array())) {
      const cut = await take(line, item);
      if (cut) return cut;
    }
  }
}

async function take(line: Line, item: Item): Promise<Cut | null> {
  if ("event" in item) return line.take(item);
  if ("ready" in item) line.ready(item.ready);
  else line.retry(item.retry);
  return null;
}

function notAStream(mediaType: string): Cut {
  const error = new ClientError(`The answer is no ${mediaType}: this is not Baton's address.`);
  return { kind: "final", error };
}
