import type { Deps } from "../context.ts";
import { HINT_MS } from "./constants.ts";
import { type Hint, sendHint } from "./hint.ts";

type Changed = { id: string; sourceId: string };

/** Collects what a batch has changed, for those who watch. Of a source that nobody watches it keeps nothing. */
export type Notes = {
  event(changed: Changed): void;
  delivery(changed: Changed): void;
  /** Sends what there is, and does not wait for it. */
  send(): void;
  /** Sends the rest, and waits until all has been sent. */
  end(): Promise<void>;
};

/** `watchedUntil` (ms UTC) by source. */
export function takeNotes(
  deps: Pick<Deps, "channels">,
  watched: ReadonlyMap<string, { watchedUntil: number | null }>,
): Notes {
  const hints = new Map<string, Hint>();
  const sending = new Set<Promise<void>>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const send = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const [sourceId, hint] of hints) {
      const sent = sendHint(deps, sourceId, hint).finally(() => sending.delete(sent));
      sending.add(sent);
    }
    hints.clear();
  };
  const note = (kind: keyof Hint, { id, sourceId }: Changed) => {
    if ((watched.get(sourceId)?.watchedUntil ?? 0) <= Date.now()) return;
    const hint = hints.get(sourceId) ?? { events: [], deliveries: [] };
    if (!hint[kind].includes(id)) hint[kind].push(id);
    hints.set(sourceId, hint);
    timer ??= setTimeout(send, HINT_MS);
  };
  return {
    event: (changed) => note("events", changed),
    delivery: (changed) => note("deliveries", changed),
    send,
    end: async () => {
      send();
      await Promise.all(sending);
    },
  };
}
