import type { Json } from "./kakao-limits.ts";

export type StreamEvent = { name: string; data: Json };

/**
 * Reads the relay's event stream as its plugins do: blocks end with `\n\n`, have an `event:` and one line of `data:`
 * that is a JSON object; everything else is passed over.
 */
export async function* readStream(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<StreamEvent, void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = readBlock(block);
      if (event) yield event;
    }
  }
}

function readBlock(block: string): StreamEvent | undefined {
  let name: string | undefined;
  let data: string | undefined;
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data = line.slice(5).trim();
  }
  return name && data ? { name, data: JSON.parse(data) as Json } : undefined;
}
