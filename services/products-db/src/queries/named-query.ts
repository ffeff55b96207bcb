import type { RowOf, StoreQuery, Value } from '@everopen/replica';

export type Named = Readonly<Record<string, Value>>;

/** A question to the store whose parameters have names. */
export interface NamedQuery {
  readonly query: StoreQuery;
  /** The positional parameters of `query`. */
  bind(values: Named): Value[];
}

/** Rows of a table, as the reference implementation of a query sees them. */
export type RowsOf = <Row extends RowOf>(table: string) => readonly Row[];

/**
 * Turns `:name` in the SQL into `?`, as often as it occurs. The reference implementation gets the values
 * by name again, so it cannot be confused about their order.
 */
export function namedQuery(options: {
  readonly name: string;
  readonly sql: string;
  readonly reference: (rows: RowsOf, values: Named) => RowOf[];
}): NamedQuery {
  const names: string[] = [];
  const sql = options.sql.replaceAll(/:([a-z]\w*)/gi, (_, name: string) => {
    names.push(name);
    return '?';
  });
  return {
    query: {
      name: options.name,
      sql,
      reference: (rows, parameters) =>
        options.reference(
          rows as RowsOf,
          Object.fromEntries(names.map((name, i) => [name, parameters[i] as Value])),
        ),
    },
    bind: (values) =>
      names.map((name) => {
        const value = values[name];
        if (value === undefined) throw new TypeError(`${options.name}: no value for ${name}`);
        return value;
      }),
  };
}
