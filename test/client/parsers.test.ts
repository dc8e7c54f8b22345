import { describe, expect, it } from "vitest";
import { NdjsonParser, type SseItem, SseParser } from "../../src/client/index.ts";
import { bytesOf, inPieces, seeded } from "./chunks.ts";

type Pushed = { push(piece: Uint8Array): Iterable<unknown> };

function readAll(parser: Pushed, pieces: Iterable<Uint8Array>): unknown[] {
  return [...pieces].flatMap((piece) => [...parser.push(piece)]);
}

const message = (data: string, more: Partial<SseItem> = {}) => ({
  kind: "event",
  id: "",
  event: "message",
  data,
  ...more,
});
const position = (id: string) => ({ kind: "position", id });
const retry = (ms: number) => ({ kind: "retry", ms });

/** In the spirit of the web platform tests `eventsource/format-*`. */
const STREAMS: [string, string, unknown[]][] = [
  ["one event", "data: a\n\n", [message("a")]],
  ["CR ends lines", "data: a\r\rdata: b\r\r", [message("a"), message("b")]],
  ["CRLF ends lines", "data: a\r\n\r\ndata: b\r\n\r\n", [message("a"), message("b")]],
  [
    "mixed ends",
    "data: a\r\n\ndata: b\n\r\ndata: c\r\r\n",
    [message("a"), message("b"), message("c")],
  ],
  ["CRLF is one end, not two", "data: a\r\ndata: b\r\n\r\n", [message("a\nb")]],
  ["a byte order mark", "\ufeffdata: a\n\n", [message("a")]],
  ["two byte order marks: the second one belongs to the name", "\ufeff\ufeffdata: a\n\n", []],
  [
    "a byte order mark further on",
    "data: a\n\n\ufeffdata: b\n\ndata: c\n\n",
    [message("a"), message("c")],
  ],
  ["comments", ": a\n:\n:data: no\ndata: a\n: b\n\n: c\n\n", [message("a")]],
  ["one space goes", "data:  a \ndata:b\ndata:\tc\n\n", [message(" a \nb\n\tc")]],
  ["many lines of data", "data: a\ndata\ndata:\ndata: b\n\n", [message("a\n\n\nb")]],
  ["empty data is an event", "data:\n\ndata\n\n", [message(""), message("")]],
  ["two empty lines of data", "data\ndata\n\n", [message("\n")]],
  ["a colon in the value", "data: a:b: c\n\n", [message("a:b: c")]],
  [
    "unknown fields and wrong case",
    "Data: x\ndatas: x\n data: x\nfoo\ndata: a\n\n",
    [message("a")],
  ],
  ["a NUL in the data", "data: a\0b\n\n", [message("a\0b")]],
  ["names", "event: a\ndata: 1\n\ndata: 2\n\n", [message("1", { event: "a" }), message("2")]],
  ["the last name counts", "event: a\nevent: b\ndata: 1\n\n", [message("1", { event: "b" })]],
  ["an empty name", "event: a\nevent:\ndata: 1\n\n", [message("1")]],
  ["a name without data is forgotten", "event: a\n\ndata: 1\n\n", [message("1")]],
  [
    "an id stays",
    "id: 1\ndata: a\n\ndata: b\n\n",
    [message("a", { id: "1" }), message("b", { id: "1" })],
  ],
  [
    "an empty id resets",
    "id: 1\ndata: a\n\nid\ndata: b\n\n",
    [message("a", { id: "1" }), message("b")],
  ],
  [
    "an id with NUL is ignored",
    "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n",
    [message("a", { id: "1" }), message("b", { id: "1" })],
  ],
  ["an id without data moves", "id: 7\n\ndata: a\n\n", [position("7"), message("a", { id: "7" })]],
  [
    "an id of a block that does not end",
    "id: 1\ndata: a\n\nid: 2\ndata: b\n",
    [message("a", { id: "1" })],
  ],
  [
    "retry of digits only",
    "retry: 7\nretry: 1e3\nretry: -1\nretry: 1.5\nretry:  8\nretry: ٣\nretry\nretry:09\n",
    [retry(7), retry(9)],
  ],
  ["no end", "data: a\n\ndata: b", [message("a")]],
  ["no empty line at the end", "data: a\n\ndata: b\n", [message("a")]],
  ["nothing but ends", "\n\r\r\n\n", []],
  ["text beyond ASCII", "data: 결제 💳 é\n\n", [message("결제 💳 é")]],
];

describe("the event stream parser", () => {
  it.each(STREAMS)("%s, in one piece and byte by byte", (_, text, expected) => {
    const bytes = bytesOf(text);
    expect(readAll(new SseParser(), [bytes])).toEqual(expected);
    expect(
      readAll(
        new SseParser(),
        [...bytes].map((byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(expected);
  });

  it("takes bytes that are no UTF-8 as replacement characters", () => {
    const bytes = Uint8Array.of(...bytesOf("data: "), 0xff, 0xc3, ...bytesOf("\n\n"));
    expect(readAll(new SseParser(), [bytes])).toEqual([message("\ufffd\ufffd")]);
  });

  it("reads the same from 2,000 random cuts of random streams", () => {
    const random = seeded(20_261);
    const words = ["data", "id", "event", "retry", ":", ": ", "\r", "\n", "\r\n", "\n\n", "1", "a"];
    const more = ["\0", "\ufeff", "가", "💳", " ", "foo", "data: x\r\n\r\n", "id: 3\n\n"];
    for (let round = 0; round < 2000; round++) {
      const length = 1 + Math.floor(random() * 40);
      const pick = () => [...words, ...more][Math.floor(random() * 20)] ?? "";
      const bytes = bytesOf(Array.from({ length }, pick).join(""));
      const whole = readAll(new SseParser(), [bytes]);
      expect(readAll(new SseParser(), inPieces(bytes, random, 1 + (round % 9)))).toEqual(whole);
    }
  });

  it.each([
    ["a line without end", "data: aaaaaaaaaaaaaaaaaaaaaaaa"],
    ["many lines of one event", "data: aaaaaa\n".repeat(4)],
  ])("refuses %s beyond its limit", (_, text) => {
    expect(() => readAll(new SseParser(20), [bytesOf(text)])).toThrow(/more than 20 characters/);
  });

  it("an empty piece between CR and LF changes nothing", () => {
    const pieces = ["data: a\r", "", "\ndata: b\r", "", "\r"].map(bytesOf);
    expect(readAll(new SseParser(), pieces)).toEqual([message("a\nb")]);
  });
});

describe("the JSON lines parser", () => {
  it("reads values, skips heartbeats and a line without end", () => {
    const text = '\ufeff{"a":1}\n\n  \r\n"결제 \u2028 💳"\r\n[1,\r2]\nnull\n{"b":2}';
    const expected = [{ a: 1 }, "결제 \u2028 💳", [1, 2], null];
    expect(readAll(new NdjsonParser(), [bytesOf(text)])).toEqual(expected);
  });

  it("reads the same from 1,000 random cuts", () => {
    const random = seeded(7);
    for (let round = 0; round < 1000; round++) {
      const texts = ["a", "é", "가나", "💳", "\n", "\r\n", '"', "\\", "\u2028"];
      const values = Array.from({ length: 1 + Math.floor(random() * 6) }, () => ({
        id: `e-${Math.floor(random() * 1e6)}`,
        data: texts[Math.floor(random() * texts.length)],
      }));
      const end = () => (random() < 0.5 ? "\n" : "\r\n\n");
      const bytes = bytesOf(values.map((value) => JSON.stringify(value) + end()).join(""));
      const pieces = inPieces(bytes, random, 1 + (round % 7));
      expect(readAll(new NdjsonParser(), pieces)).toEqual(values);
    }
  });

  it("refuses a line beyond its limit, and one that is no JSON", () => {
    const long = bytesOf(`"${"a".repeat(30)}`);
    expect(() => readAll(new NdjsonParser(20), [long])).toThrow(/more than 20 characters/);
    expect(() => readAll(new NdjsonParser(), [bytesOf("{oops}\n")])).toThrow(/not JSON/);
  });
});
