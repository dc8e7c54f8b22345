type Timer = { at: number; isPage: boolean };

const KEY = Symbol.for("baton.test.year.clock");

/** The year begins far ahead of the real time, so that the runtime runs no alarm by itself. */
const START = Date.UTC(2040, 0, 1);
/** How often whoever waits looks at the clock, in real milliseconds. */
const LOOK_MS = 1;

/**
 * The clock of the simulated year: it stands until somebody moves it. Whoever waits looks at it by itself: a promise that
 * another object settles would go on in that object's name.
 */
class Clock {
  /** ms UTC. */
  now = START;
  /** Requests that are under way, those that wait among them. */
  under = 0;
  /** When each object's alarm is to ring (ms UTC), as the object has told last. */
  readonly alarms = new Map<string, number | null>();
  readonly #timers = new Set<Timer>();

  /** Runs something when the clock comes to it; the result cancels it. */
  after(ms: number, run: () => void, isPage = false): () => void {
    const timer = { at: this.now + Math.max(0, ms), isPage };
    this.#timers.add(timer);
    const looking = setInterval(() => {
      if (this.now < timer.at) return;
      stop();
      run();
    }, LOOK_MS);
    const stop = () => {
      clearInterval(looking);
      this.#timers.delete(timer);
    };
    return stop;
  }

  /** A request's own wait, between two tries. */
  async sleep(ms: number): Promise<void> {
    this.enter(1);
    await new Promise<void>((resolve) => {
      this.after(ms, resolve);
    });
    this.left();
  }

  /** A browser loads a page. */
  load(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve, true);
    });
  }

  /** Requests that wait for the clock. */
  get waits(): number {
    return this.#timers.size - this.pages;
  }

  /** Pages that load. */
  get pages(): number {
    return [...this.#timers].filter(({ isPage }) => isPage).length;
  }

  /** ms UTC; Infinity: nobody waits. */
  get next(): number {
    return Math.min(Infinity, ...[...this.#timers].map(({ at }) => at));
  }

  /** Whoever waited is gone. */
  forget(): void {
    this.#timers.clear();
    this.under = 0;
  }

  enter(requests: number): void {
    this.under += requests;
  }

  left(): void {
    this.under -= 1;
  }
}

/** One for the tests and the objects, which are bundled apart but share an isolate. */
export function yearClock(): Clock {
  const holder = globalThis as unknown as Record<symbol, Clock | undefined>;
  holder[KEY] ??= new Clock();
  return holder[KEY];
}
