import { type FrameFormat, type LoggedFrame, toJson, toSse } from "./frame.ts";

type Message = string | Uint8Array;

/** Frames as messages of each format; each is made once, however many sockets ask for it. */
export class EncodedFrames {
  readonly frames: readonly LoggedFrame[];
  readonly #made = new Map<string, Message[]>();
  readonly #retryMs: number | undefined;

  constructor(frames: readonly LoggedFrame[], retryMs?: number) {
    this.frames = frames;
    this.#retryMs = retryMs;
  }

  /** One message, or without `batch` one for each frame. */
  messages(format: FrameFormat, batch: boolean): Message[] {
    const name = `${format}${batch}`;
    let made = this.#made.get(name);
    if (!made) {
      made = this.#make(format, batch);
      this.#made.set(name, made);
    }
    return made;
  }

  #make(format: FrameFormat, batch: boolean): Message[] {
    const texts = this.frames.map((frame) =>
      format === "sse" ? toSse(frame, this.#retryMs) : toJson(frame),
    );
    if (format === "json") return batch ? [texts.join("\n")] : texts;
    const bytes = (text: string) => new TextEncoder().encode(text);
    const whole = format === "sse" ? texts : texts.map((text) => `${text}\n`);
    return batch ? [bytes(whole.join(""))] : whole.map(bytes);
  }
}
