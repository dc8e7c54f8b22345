import { type FSWatcher, watch } from "node:fs";
import { factsAt } from "./file-facts.ts";

type Watched = { watcher: FSWatcher; key: string };

/**
 * Calls `hint` when something happens in a folder. Only a hint: network disks and some container mounts report
 * nothing, a replaced folder reports no more, and there may be too many to watch. Whoever calls looks by the clock too.
 */
export class FolderWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #hint: () => void;

  constructor(hint: () => void) {
    this.#hint = hint;
  }

  /** Watches these folders and no others. */
  async update(folders: Set<string>): Promise<void> {
    for (const path of this.#watched.keys()) if (!folders.has(path)) this.#drop(path);
    for (const path of folders) {
      const facts = await factsAt(path).catch(() => undefined);
      const watched = this.#watched.get(path);
      if (watched && watched.key !== facts?.key) this.#drop(path);
      if (facts && !this.#watched.has(path)) this.#add(path, facts.key);
    }
  }

  close(): void {
    for (const path of this.#watched.keys()) this.#drop(path);
  }

  #add(path: string, key: string): void {
    try {
      const watcher = watch(path, this.#hint);
      watcher.on("error", () => this.#drop(path));
      this.#watched.set(path, { watcher, key });
    } catch {
      // The clock does it.
    }
  }

  #drop(path: string): void {
    this.#watched.get(path)?.watcher.close();
    this.#watched.delete(path);
  }
}
