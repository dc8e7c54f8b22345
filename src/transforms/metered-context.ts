import { Context, type Liquid } from "liquidjs";
import { MAX_TEMPLATE_MEMORY, MAX_TEMPLATE_WORK } from "./constants.ts";
import { StepFailure } from "./failure.ts";
import { Meter } from "./meter.ts";

/** Units of work of a piece that is rendered. */
const PIECE_UNITS = 4;
/** Parts of a value that is read, which count as one unit: it may be written out, compared or copied next. */
const CHARS_PER_UNIT = 512;
const PARTS_PER_UNIT = 16;

/**
 * What a template sees, with what it does counted. The library bounds time by the clock, which stands still meanwhile,
 * and memory, by which a list may be gone through for minutes.
 */
export class MeteredContext extends Context {
  readonly meter: Meter;
  readonly #options: Liquid["options"];

  constructor(
    scope: object,
    options: Liquid["options"],
    meter = new Meter(MAX_TEMPLATE_WORK, Number.POSITIVE_INFINITY),
    memoryLimit: object = limiter(MAX_TEMPLATE_MEMORY),
  ) {
    // Called with the time at each piece.
    const renderLimit = { use: () => {}, check: () => meter.spend(PIECE_UNITS) };
    const limits = { memoryLimit, renderLimit };
    // Limiters have private fields that nobody else reads.
    super(scope, options, { sync: true }, limits as never);
    this.#options = options;
    this.meter = meter;
  }

  override *_getFromScope(
    scope: unknown,
    paths: Parameters<Context["_getFromScope"]>[1],
    strictVariables?: boolean,
  ): IterableIterator<unknown> {
    const value = (yield super._getFromScope(scope, paths, strictVariables)) as unknown;
    const perUnit = typeof value === "string" ? CHARS_PER_UNIT : PARTS_PER_UNIT;
    this.meter.spend(paths.length + this.meter.sizeOf(value) / perUnit);
    return value;
  }

  override spawn(scope: object = {}): MeteredContext {
    return new MeteredContext(scope, this.#options, this.meter, this.memoryLimit);
  }
}

/** Takes the place of the library's own: adds up what filters and ranges make. */
function limiter(max: number) {
  let used = 0;
  const use = (count: unknown) => {
    if (Number(count) > 0) used += Number(count);
    if (used > max) throw new StepFailure("handles too much text or too long lists");
  };
  return { use, check: () => {} };
}
