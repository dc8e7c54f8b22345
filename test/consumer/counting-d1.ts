/** A D1 database that adds up its statements, and the rows which the real one says it has written. */
export function countingD1(real: D1Database) {
  let rows = 0;
  let statements = 0;
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
      run: async () => {
        statements++;
        return count(await statement.run());
      },
      all: async () => {
        statements++;
        return count(await statement.all());
      },
      raw: (options: { columnNames: true }) => {
        statements++;
        blind("raw");
        return statement.raw(options);
      },
      first: (column: string) => {
        statements++;
        blind("first");
        return statement.first(column);
      },
    } as unknown as D1PreparedStatement;
    unwrap.set(wrapped, { statement, query });
    return wrapped;
  };
  const d1 = {
    prepare: (query: string) => wrap(real.prepare(query), query),
    batch: async (batched: D1PreparedStatement[]) => {
      statements += batched.length;
      const originals = batched.map((one) => unwrap.get(one)?.statement ?? one);
      return (await real.batch(originals)).map(count);
    },
  } as unknown as D1Database;
  return {
    d1,
    rowsWritten: () => rows,
    statements: () => statements,
    uncounted: () => uncounted,
  };
}
