import { ClientError } from "./client-error.ts";
import { MAX_HOLE_TRIES } from "./constants.ts";
import type { Cut } from "./cut.ts";
import { cutOfEnd } from "./end.ts";
import { type Frame, type Gap, readGap } from "./frame.ts";
import { readPlace, stepTo, writePlace } from "./place.ts";

/** Where frames go. Each may take its time. */
export type Sink = {
  frame(frame: Frame): void | Promise<void>;
  gap(gap: Gap): void | Promise<void>;
};

/** What has been read of a stream, over all of its connections. */
export type Reader = {
  /** What a new connection goes on from. */
  since(): string | undefined;
  /** Id of the last frame that was handed over, or where the stream began. */
  position(): string | null;
  ready(id: string): void;
  /** Hands a frame over, unless it was before. A cut: it cannot be the next one. */
  take(frame: Frame): Promise<Cut | null>;
};

/**
 * Reads a channel's log: each frame once and in its order. Ids tell when one is missing: then the connection is given
 * up and the log asked again from the last frame. What it does not have any more is told as a gap.
 */
export class LogReader implements Reader {
  readonly #sink: Sink;
  readonly #first: string | undefined;
  #position: string | null;
  /** With `latest`, where the log was: good to go on from, but the frame there is still to come. */
  #floor: string | null = null;
  #hole = { after: "", tries: 0 };

  constructor(sink: Sink, since: string | undefined) {
    this.#sink = sink;
    this.#first = since;
    this.#position = since !== undefined && readPlace(since) ? since : null;
  }

  since(): string | undefined {
    return this.#position ?? this.#floor ?? this.#first;
  }

  position(): string | null {
    return this.#position ?? this.#floor;
  }

  ready(id: string): void {
    if (id === "" || this.#position !== null || this.#first === "all") return;
    if (this.#first === undefined) this.#position = id;
    // What was asked for as `since` has become the start.
    else if (this.#floor === null) this.#floor = id;
  }

  async take(frame: Frame): Promise<Cut | null> {
    if (frame.event === "ready") this.ready(frame.id);
    else if (frame.event === "end") return cutOfEnd(frame.data);
    else if (frame.event === "gap") return this.#takeGap(frame);
    else return this.#takeNext(frame);
    return null;
  }

  async #takeNext(frame: Frame): Promise<Cut | null> {
    const last = this.position();
    const step = last === null ? "unknown" : stepTo(last, frame.id);
    if (step === "repeat" && this.#position !== null) return null;
    if (last !== null && step === "hole") {
      if (!this.#countHole(last)) return missing(last, frame.id);
      await this.#tellHole(last, frame.id);
    }
    if (last !== null && step === "anew") {
      await this.#sink.gap({ from: last, to: frame.id, isAnnounced: false });
    }
    await this.#sink.frame(frame);
    this.#position = frame.id;
    return null;
  }

  async #takeGap(frame: Frame): Promise<Cut | null> {
    const gap = readGap(frame);
    const last = this.position();
    // The same gap once more. One that leads back is none: the log has lost its end, and goes on from there.
    if (this.#position !== null && this.#position === frame.id) return null;
    if (last !== null && stepTo(last, gap.from) === "hole") {
      if (!this.#countHole(last)) return missing(last, gap.from);
      await this.#tellHole(last, gap.from);
    }
    await this.#sink.gap(gap);
    this.#position = frame.id;
    return null;
  }

  /** True when the frames behind `last` have been asked for often enough. */
  #countHole(last: string): boolean {
    const tries = this.#hole.after === last ? this.#hole.tries + 1 : 1;
    this.#hole = { after: last, tries };
    return tries > MAX_HOLE_TRIES;
  }

  async #tellHole(last: string, id: string): Promise<void> {
    const [from, to] = [readPlace(last), readPlace(id)];
    if (!from || !to) return;
    await this.#sink.gap({
      from: writePlace({ ...from, seq: from.seq + 1 }),
      to: writePlace({ ...to, seq: to.seq - 1 }),
      isAnnounced: false,
    });
  }
}

function missing(last: string, id: string): Cut {
  const error = new ClientError(`Frames are missing between ${last} and ${id}.`);
  return { kind: "lost", error };
}
