/** A D1 database that adds up the rows which the real one says it has written. */
export function countingD1(real: D1Database) {
  let rows = 0;
  /** Writes whose meta could not be seen: a count without them would be worth nothing. */
  const uncounted: string[] = [];
  const unwrap = new WeakMap<object, { statement: D1PreparedStatement; query: string }>();

  const count = <T>(result: D1Result<T>): D1Result<T> => {
    rows += result.meta.rows_written;
    return result;
  };
  const wrap = (statement: D1PreparedStatement, query: string): D1PreparedStatement => {
    const blind = (name: "raw" | "first") => {
      if (!/^\s*select/i.test(query)) uncounted.push(`${name}: ${query}`);
    };
    const wrapped = {
      bind: (...values: unknown[]) => wrap(statement.bind(...values), query),
      run: async () => count(await statement.run()),
      all: async () => count(await statement.all()),
      raw: (options: { columnNames: true }) => {
        blind("raw");
        return statement.raw(options);
      },
      first: (column: string) => {
        blind("first");
        return statement.first(column);
      },
    } as unknown as D1PreparedStatement;
    unwrap.set(wrapped, { statement, query });
    return wrapped;
  };
  const d1 = {
    prepare: (query: string) => wrap(real.prepare(query), query),
    batch: async (statements: D1PreparedStatement[]) => {
      const originals = statements.map((one) => unwrap.get(one)?.statement ?? one);
      return (await real.batch(originals)).map(count);
    },
  } as unknown as D1Database;
  return { d1, rowsWritten: () => rows, uncounted: () => uncounted };
}
