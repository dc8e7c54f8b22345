import { setTimeout as sleep } from "node:timers/promises";
import { subscribe } from "../client/index.ts";
import type { Api } from "./api.ts";
import { LISTEN_LOOK_MS, LISTEN_POLL_MS } from "./listen-constants.ts";

/** The live stream of a source: it says that there is something new, and nothing is read from it but that. */
export class Wake {
  #hasNews = false;
  #isOpen = false;
  #ring: () => void = () => {};

  constructor(api: Api, sourceId: string, end: AbortSignal) {
    const path = `/api/v1/sources/${sourceId}/live`;
    const news = () => {
      this.#hasNews = true;
      this.#ring();
    };
    const stream = subscribe({
      url: api.origin,
      path,
      token: api.key(),
      signal: end,
      onFrame: ({ event }) => {
        if (event === "event") news();
      },
      onGap: news,
      onState: ({ kind }) => {
        const isOpen = kind === "open";
        if (isOpen === this.#isOpen) return;
        this.#isOpen = isOpen;
        // Up again: what came meanwhile is looked for at once. Down: the wait is the short one from here on.
        news();
      },
    });
    // Refused for good, or an older deployment: then looking now and then is enough.
    stream.done.catch(() => {});
  }

  /** Until there is something new, or it is time to look all the same; at once when news came since the last wait. */
  async wait(end: AbortSignal): Promise<void> {
    const rung = new AbortController();
    this.#ring = () => rung.abort();
    if (!this.#hasNews) {
      const signal = AbortSignal.any([end, rung.signal]);
      const ms = this.#isOpen ? LISTEN_LOOK_MS : LISTEN_POLL_MS;
      await sleep(ms, undefined, { signal }).catch(() => {});
    }
    this.#ring = () => {};
    this.#hasNews = false;
  }
}
