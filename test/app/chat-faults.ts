import type { Channels, Published } from "../../src/channels/index.ts";
import { type ControlDb, openControl } from "../../src/db/client.ts";
import { bindings } from "./support.ts";

/** Decides about one call to a database or a channel: makes it, or throws before or behind it. */
type Gate = <T>(what: string, call: () => Promise<T>) => Promise<T>;

/** What verbs reach of the outside, through a gate. */
export function gated(gate: Gate): { db: ControlDb; channels: Channels } {
  const real = new WeakMap<object, D1PreparedStatement>();
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = {
      bind: (...values: unknown[]) => wrap(statement.bind(...values)),
      run: () => gate("d1", () => statement.run()),
      all: () => gate("d1", () => statement.all()),
      first: () => gate("d1", () => statement.first()),
      raw: () => gate("d1", () => statement.raw()),
    } as unknown as D1PreparedStatement;
    real.set(wrapped, statement);
    return wrapped;
  };
  const d1 = {
    prepare: (query: string) => wrap(bindings.DB.prepare(query)),
    batch: (statements: D1PreparedStatement[]) =>
      gate("d1", () => bindings.DB.batch(statements.map((each) => real.get(each) ?? each))),
  } as unknown as D1Database;
  const channels: Channels = {
    getByName: (name) => {
      const channel = bindings.CHANNEL.getByName(name);
      return {
        publish: (input) => gate(name, async (): Promise<Published> => channel.publish(input)),
        broadcast: (texts) => gate(name, () => channel.broadcast(texts)),
        history: (since, limit) => channel.history(since, limit),
        describe: () => channel.describe(),
        fetch: (url, init) => channel.fetch(url, init),
      };
    },
  };
  return { db: openControl(d1), channels };
}

/**
 * A process that ends at its `at`th call, before it is made or when it is answered: nothing that it wants afterwards
 * happens. `calls` says how many it has wanted.
 */
export function stopping(at: number, when: "before" | "behind") {
  let calls = 0;
  const stopped = () => new Error("the process has ended");
  const outside = gated(async (_, call) => {
    calls++;
    if (calls > at || (calls === at && when === "before")) throw stopped();
    const answer = await call();
    if (calls >= at) throw stopped();
    return answer;
  });
  return { ...outside, calls: () => calls };
}

/** Channels that fail by chance, before or behind what they are asked; the database does not. */
export function failingChannels(chance: () => number, share: number) {
  return gated(async (what, call) => {
    if (what === "d1") return call();
    if (chance() < share) throw new Error("the channel is overloaded");
    const answer = await call();
    if (chance() < share) throw new Error("the channel's answer was lost");
    return answer;
  }).channels;
}
