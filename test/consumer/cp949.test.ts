import iconv from "iconv-lite";
import { expect, it } from "vitest";
import { byteLength, bytesOf, encodable } from "../../src/destinations/cp949.ts";
import messages from "../sms/messages.json" with { type: "json" };

/** In workerd: Node's own `euc-kr` lacks most syllables of windows-949. */
it("every character of the BMP has as many bytes as iconv-lite's windows-949 says", () => {
  const wrong: string[] = [];
  for (let code = 0; code <= 0xffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    // C1 controls and U+FFFD: iconv-lite takes single bytes over that no text has.
    if ((code >= 0x80 && code < 0xa0) || code === 0xfffd) continue;
    const character = String.fromCharCode(code);
    const bytes = iconv.encode(character, "cp949");
    const known = iconv.decode(bytes, "cp949") === character ? bytes.length : null;
    if (bytesOf(character) !== known) {
      wrong.push(`U+${code.toString(16)}: ${bytesOf(character)}, not ${known}`);
    }
  }
  expect(wrong).toEqual([]);
});

it("the samples have as many bytes as they say, and those that cannot be written are made writable", () => {
  const counted = messages.filter((message) => "bytesCp949" in message);
  expect(counted.length).toBeGreaterThan(50);
  for (const { id, text = "", bytesCp949 } of counted as {
    id: string;
    text: string;
    bytesCp949: number | null;
  }[]) {
    const isWritable = Array.from(text).every((character) => bytesOf(character) !== null);
    expect([id, isWritable ? byteLength(text) : null]).toEqual([id, bytesCp949]);
    const sent = encodable(text);
    expect([id, sent === text.replaceAll("\r\n", "\n")]).toEqual([id, isWritable]);
    expect(Array.from(sent).filter((character) => bytesOf(character) === null)).toEqual([]);
  }
});
