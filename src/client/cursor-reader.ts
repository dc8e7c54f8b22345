import type { Cut } from "./cut.ts";
import { cutOfEnd } from "./end.ts";
import { type Frame, readGap } from "./frame.ts";
import type { Reader, Sink } from "./log-reader.ts";

/**
 * Reads a stream whose ids are cursors, as an EventSource does: they say where to go on, several events may have the
 * same one, and after a cut the last ones may come again.
 */
export class CursorReader implements Reader {
  readonly #sink: Sink;
  readonly #first: string | undefined;
  #position: string | null = null;

  constructor(sink: Sink, since: string | undefined) {
    this.#sink = sink;
    this.#first = since;
  }

  since(): string | undefined {
    return this.#position ?? this.#first;
  }

  position(): string | null {
    return this.#position;
  }

  ready(id: string): void {
    if (id !== "") this.#position = id;
  }

  async take(frame: Frame): Promise<Cut | null> {
    if (frame.event === "end") return cutOfEnd(frame.data);
    if (frame.event === "gap") await this.#sink.gap(readGap(frame));
    else if (frame.event !== "ready") await this.#sink.frame(frame);
    this.ready(frame.id);
    return null;
  }
}
