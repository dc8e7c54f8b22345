import { keyId, seal, unseal } from "../sealing.ts";
import type { SessionRef } from "./machine/roles.ts";
import type { SlotName } from "./rpc.ts";
import type { Snapshot } from "./snapshot.ts";
import type { JarRow, Store } from "./store.ts";

type Open = { fence: number; version: number; snapshot: Snapshot };

/** The sealed sessions of a pair's slots. A jar belongs to one login; each write raises its version. */
export class Jars {
  readonly #store: Store;
  readonly #masterKey: () => string;
  readonly #told: (what: string, slot: SlotName) => void;
  /** What was opened, so that a request need not decrypt. */
  readonly #open = new Map<SlotName, Open>();

  constructor(store: Store, masterKey: () => string, told: (what: string, slot: SlotName) => void) {
    this.#store = store;
    this.#masterKey = masterKey;
    this.#told = told;
  }

  /** The newest jar of a slot, whichever login's it is. Null: none, or none that can be opened. */
  async newest(slot: SlotName): Promise<Open | null> {
    const row = this.#store.jar(slot);
    if (!row) return null;
    const known = this.#open.get(slot);
    if (known?.version === row.version && known.fence === row.fence) return known;
    try {
      const text = await unseal(this.#masterKey(), this.#aad(slot, row.version), row.sealed);
      const open = { fence: row.fence, version: row.version, snapshot: JSON.parse(text) };
      this.#open.set(slot, open);
      this.#told("jar_opened", slot);
      await this.#sealAgain(slot, row, text);
      return open;
    } catch {
      this.#told("jar_unreadable", slot);
      return null;
    }
  }

  /** The session's jar; null: the slot holds another login's by now, or one that cannot be opened. */
  async of({ slot, fence }: SessionRef): Promise<Snapshot | null> {
    const open = await this.newest(slot);
    return open?.fence === fence ? open.snapshot : null;
  }

  /**
   * Seals a login's first jar. `write` puts it into the slot, in the transaction that makes the session ready;
   * `isCurrent` says before that nobody has written the slot meanwhile.
   */
  async prepare(
    { slot, fence }: SessionRef,
    snapshot: Snapshot,
  ): Promise<{ isCurrent: () => boolean; write: () => void }> {
    const before = this.#store.jar(slot);
    const row = await this.#seal(slot, fence, (before?.version ?? 0) + 1, snapshot);
    return {
      isCurrent: () => this.#store.jar(slot)?.version === before?.version,
      write: () => {
        if (!this.#write(slot, row, before, snapshot)) throw new Error(`jar ${slot} was changed`);
      },
    };
  }

  /** Changes the newest jar of the session. False: the slot holds another login's by now. */
  async update(
    { slot, fence }: SessionRef,
    change: (newest: Snapshot) => Snapshot,
  ): Promise<Snapshot | null> {
    for (;;) {
      const open = await this.newest(slot);
      if (open?.fence !== fence) return null;
      const next = change(open.snapshot);
      const row = await this.#seal(slot, fence, open.version + 1, next);
      if (this.#write(slot, row, open, next)) return next;
    }
  }

  #write(
    slot: SlotName,
    row: JarRow,
    after: Pick<JarRow, "fence" | "version"> | null,
    snapshot: Snapshot,
  ): boolean {
    if (!this.#store.writeJar(slot, row, after)) return false;
    this.#open.set(slot, { fence: row.fence, version: row.version, snapshot });
    return true;
  }

  async #seal(slot: SlotName, fence: number, version: number, snapshot: Snapshot): Promise<JarRow> {
    const text = JSON.stringify(snapshot);
    const sealed = await seal(this.#masterKey(), this.#aad(slot, version), text);
    return { fence, version, sealed };
  }

  /** What an older key has sealed is sealed with the current one; its version stays. */
  async #sealAgain(slot: SlotName, row: JarRow, text: string): Promise<void> {
    if (row.sealed.startsWith(`${await keyId(this.#masterKey())}.`)) return;
    const sealed = await seal(this.#masterKey(), this.#aad(slot, row.version), text);
    this.#store.writeJar(slot, { ...row, sealed }, row);
  }

  #aad(slot: SlotName, version: number): string {
    return `portal:${this.#store.portalId}|slot:${slot}|jar:${version}`;
  }
}
