import { type Chat, type ChatPush, openChat } from "../../src/client/index.ts";
import { type Line, openLine } from "./open-line.ts";

export type DeviceMessage = { conversationId: string; messageId: string; content: string };

/** One of a user's devices: the client library, behind a line that can be cut. */
export class ChatDevice {
  readonly name: string;
  readonly pushes: ChatPush[] = [];
  readonly chat: Chat;
  gaps = 0;
  readonly #line: Line;

  /** `port` gives where the app is now. */
  static async open(name: string, port: () => number, token: string): Promise<ChatDevice> {
    return new ChatDevice(name, await openLine(port), token);
  }

  private constructor(name: string, line: Line, token: string) {
    this.name = name;
    this.#line = line;
    this.chat = openChat({
      url: `http://127.0.0.1:${line.port}`,
      token,
      timing: { firstRetryMs: 50, maxRetryMs: 500 },
      onPush: (push) => void this.pushes.push(push),
      onGap: () => void this.gaps++,
    });
  }

  get isOpen(): boolean {
    return this.chat.state.kind === "open";
  }

  /** Its messages, in the order they came. */
  messages(): DeviceMessage[] {
    return this.pushes.filter((push) => push.type === "new-message");
  }

  /** Loses its connection; false when it was just coming. */
  cut(): boolean {
    return this.isOpen && this.#line.cut() > 0;
  }

  leave(): void {
    this.chat.close();
    this.#line.close();
  }
}
