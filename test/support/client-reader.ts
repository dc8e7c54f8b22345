import { type Subscription, subscribe } from "../../src/client/index.ts";
import type { ReadFrame, Transport } from "./channel-reader.ts";
import { type Line, openLine } from "./open-line.ts";

type Where = { port: () => number; channel: string; token: string };

/** The client library, behind a line that can be cut. */
export class ClientReader {
  readonly transport: Transport;
  /** Every frame, and every gap as one. */
  readonly frames: ReadFrame[] = [];
  readonly #subscription: Subscription;
  readonly #line: Line;

  static async open(transport: Transport, where: Where, since: string): Promise<ClientReader> {
    return new ClientReader(transport, where, since, await openLine(where.port));
  }

  private constructor(transport: Transport, where: Where, since: string, line: Line) {
    this.transport = transport;
    this.#line = line;
    this.#subscription = subscribe({
      url: `http://127.0.0.1:${line.port}`,
      channel: where.channel,
      token: where.token,
      transport,
      since,
      timing: { firstRetryMs: 50, maxRetryMs: 500 },
      onFrame: ({ id, event, data }) => void this.frames.push({ id, event, data }),
      onGap: (gap) => void this.frames.push({ id: gap.to, event: "gap", data: gap }),
    });
  }

  get since(): string | null {
    return this.#subscription.position;
  }

  /** Loses its connections; false when it was just coming. */
  cut(): boolean {
    if (this.#subscription.state.kind !== "open") return false;
    return this.#line.cut() > 0;
  }

  leave(): void {
    this.#subscription.close();
    this.#line.close();
  }
}
