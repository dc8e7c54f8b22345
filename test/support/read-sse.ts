import { waitFor } from "./wait-for.ts";

export type SseBlock = { id?: string; event?: string; data?: string; retry?: string };

/** Reads an event stream in the background. `ended` is set when it has ended or was cut. */
export function readSse(response: Response) {
  const blocks: SseBlock[] = [];
  const state = { comments: 0, ended: false };
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const read = async () => {
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const lines = part.split("\n");
        state.comments += lines.filter((line) => line.startsWith(":")).length;
        const fields = lines.filter((line) => line.includes(": "));
        if (fields.length > 0) blocks.push(Object.fromEntries(fields.map(field)));
      }
    }
  };
  void read()
    .catch(() => {})
    .finally(() => {
      state.ended = true;
    });
  const find = (event: string, part = "") =>
    blocks.find((block) => block.event === event && block.data?.includes(part));
  return {
    blocks,
    state,
    /** Frames of one name, as what their data says. */
    all: <T = Record<string, unknown>>(event: string): T[] =>
      blocks.filter((block) => block.event === event).map(({ data }) => JSON.parse(data ?? "")),
    find,
    /** Waits for a frame whose data contains a text. */
    next: (event: string, part = "", deadlineMs = 10_000) =>
      waitFor(() => find(event, part), { what: `${event} ${part}`, everyMs: 10, deadlineMs }),
    /** Waits for the block that says where the stream begins. */
    ready: () => waitFor(() => blocks.find(({ retry }) => retry), { what: "the stream to begin" }),
    lastId: () => blocks.findLast(({ id }) => id)?.id ?? "",
    close: () => reader.cancel().catch(() => {}),
  };
}

export type SseReader = ReturnType<typeof readSse>;

function field(line: string): [string, string] {
  const at = line.indexOf(": ");
  return [line.slice(0, at), line.slice(at + 2)];
}
