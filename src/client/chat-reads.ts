/** What has been read and the server has not confirmed: one of a conversation. */
export class ChatReads {
  readonly #frames = new Map<string, { messageId: string | undefined }>();

  /** Gives the frame that tells it. */
  add(conversationId: string, messageId: string | undefined): object {
    this.#frames.set(conversationId, { messageId });
    return frameOf(conversationId, messageId);
  }

  /** The server has told all of the user's connections. */
  told({ conversationId, messageId }: Record<string, unknown>): void {
    const waiting = this.#frames.get(String(conversationId));
    // Without an id all is meant that there was when the server took it.
    if (waiting?.messageId === undefined || waiting.messageId === messageId) {
      this.#frames.delete(String(conversationId));
    }
  }

  all(): object[] {
    return Array.from(this.#frames, ([id, { messageId }]) => frameOf(id, messageId));
  }
}

function frameOf(conversationId: string, messageId: string | undefined): object {
  return { action: "read-messages", conversationId, messageId };
}
