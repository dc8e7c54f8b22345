import { waitFor } from "./wait-for.ts";

type Json = Record<string, unknown>;
export type AgentEvent = { event: string; data: Json };
export type AgentMessage = {
  id: string;
  conversationKey: string;
  kakaoPayload: Json;
  normalized: { userId: string; text: string; channelId: string };
  createdAt: string;
};

type Session = {
  sessionToken: string;
  pairingCode: string;
  expiresIn: number;
  status: string;
};

/**
 * A plugin of OpenClaw as far as the relay can tell, no laxer than the strictest one: its event stream is cut at `\n\n`
 * only, a block needs an `event:` and one line of `data:` in JSON, and what no relay sends is a fault. It drops its
 * token at a 401 or 410, and reads nothing while it is away.
 */
export class KakaoAgent {
  /** Every event in the order it came, over all streams. */
  readonly events: AgentEvent[] = [];
  /** What a plugin would stumble over. */
  readonly faults: string[] = [];
  readonly session: Session;
  /** Comments: the heartbeat. */
  comments = 0;
  isTokenDropped = false;
  readonly #url: string;
  #stream: AbortController | undefined;
  #reading: Promise<void> = Promise.resolve();

  /** `url` is what an operator gives as relay URL. */
  constructor(url: string, session: Session) {
    this.#url = url;
    this.session = session;
  }

  static async create(url: string): Promise<KakaoAgent> {
    const response = await fetch(`${url}/v1/sessions/create`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    return new KakaoAgent(url, JSON.parse(text) as Session);
  }

  get messages(): AgentMessage[] {
    return this.events.flatMap(({ event, data }) =>
      event === "message" ? [data as unknown as AgentMessage] : [],
    );
  }

  get texts(): string[] {
    return this.messages.map(({ normalized }) => normalized.text);
  }

  /** What one user has written. */
  textsOf(user: string): string[] {
    return this.messages.flatMap(({ normalized: { userId, text } }) =>
      userId === user ? [text] : [],
    );
  }

  /** Opens a stream, and waits until the relay says that it is one. */
  async connect(): Promise<void> {
    const before = this.#count("connected");
    const stream = new AbortController();
    this.#stream = stream;
    const response = await fetch(`${this.#url}/v1/events`, {
      headers: { authorization: `Bearer ${this.session.sessionToken}` },
      signal: stream.signal,
    });
    if (response.status !== 200) {
      this.isTokenDropped = response.status === 401 || response.status === 410;
      throw new Error(`${response.status} ${await response.text()}`);
    }
    const type = response.headers.get("content-type");
    if (type !== "text/event-stream") this.faults.push(`content-type ${type}`);
    this.#reading = this.#read(response.body as ReadableStream<Uint8Array>);
    await waitFor(() => this.#count("connected") > before, {
      what: "the event `connected`",
      explain: () => JSON.stringify(this.events),
    });
  }

  /** Goes away without a word, as a lost network does. */
  async leave(): Promise<void> {
    this.#stream?.abort();
    await this.#reading;
  }

  /** Waits for the first event of a name, or one whose data has a text. */
  async next(event: string, part = "", deadlineMs = 15_000): Promise<Json> {
    const found = () =>
      this.events.find((it) => it.event === event && JSON.stringify(it.data).includes(part));
    const { data } = await waitFor(found, {
      what: `${event} ${part}`,
      everyMs: 10,
      deadlineMs,
      explain: () => JSON.stringify(this.events),
    });
    return data;
  }

  async message(text: string, deadlineMs?: number): Promise<AgentMessage> {
    return (await this.next(
      "message",
      JSON.stringify(text),
      deadlineMs,
    )) as unknown as AgentMessage;
  }

  /** `POST /openclaw/reply` with one text, or with a response of the caller's own. */
  async reply(messageId: string, response: string | Json) {
    const template = { outputs: [{ simpleText: { text: response } }] };
    const body = typeof response === "string" ? { version: "2.0", template } : response;
    return this.#call("/openclaw/reply", { messageId, response: body });
  }

  /** A further pairing code for the same account. */
  async furtherCode(): Promise<string> {
    const { status, body } = await this.#call(
      `/v1/sessions/${this.session.sessionToken}/codes`,
      {},
    );
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return String(body.pairingCode);
  }

  async #call(path: string, body: Json): Promise<{ status: number; body: Json }> {
    const response = await fetch(this.#url + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${this.session.sessionToken}`,
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Json };
  }

  #count(event: string): number {
    return this.events.filter((it) => it.event === event).length;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let text = "";
    try {
      for await (const piece of body) {
        text += decoder.decode(piece, { stream: true });
        const blocks = text.split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) this.#take(block);
      }
    } catch {
      // Cut off, by us or by the relay's end.
    }
  }

  #take(block: string): void {
    const lines = block.split("\n");
    const comments = lines.filter((line) => line.startsWith(":"));
    this.comments += comments.length;
    if (comments.length === lines.length) return;
    const [first = "", second = "", ...more] = lines;
    const event = /^event: (\S+)$/.exec(first)?.[1];
    const data = /^data: (\{.*\})$/.exec(second)?.[1];
    if (!event || !data || more.length > 0 || block.includes("\r")) {
      this.faults.push(block);
      return;
    }
    this.events.push({ event, data: JSON.parse(data) as Json });
  }
}
