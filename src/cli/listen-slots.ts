/** At most so many at a time; those that wait go first come, first served. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(count: number) {
    this.#free = count;
  }

  get busy(): number {
    return this.#busy;
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((go) => this.#waiting.push(go));
    this.#busy++;
  }

  giveBack(): void {
    this.#busy--;
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
