import type { Consistency, Replica, RowOf } from '@everopen/replica';
import type { CallContext } from '@everopen/rpc';
import type { Named, NamedQuery } from '../queries/named-query.ts';

/** Several reads for one answer: the first is as fresh as the caller asks, none is older than one before. */
export interface ReadSession {
  read<T>(read: (view: { nowMs: number }) => T, options?: { freshTime?: boolean }): Promise<T>;
  query(query: NamedQuery, values: Named): Promise<RowOf[]>;
  /** Tells the caller the position that the answer reflects. Once, before the answer. */
  finish(): void;
}

export function readSession(replica: Replica, call: CallContext): ReadSession {
  let consistency: Consistency =
    call.readAt === undefined ? { level: 'linearizable' } : replica.parsePositionToken(call.readAt);
  let reached = 0;
  const reach = (position: number): void => {
    reached = Math.max(reached, position);
    consistency = { level: 'session', atLeast: reached };
  };
  return {
    read: async (read, options) => {
      const { value, position } = await replica.read(consistency, read, options);
      reach(position);
      return value;
    },
    query: async (named, values) => {
      const { rows, position } = await replica.query(consistency, named.query, named.bind(values));
      reach(position);
      return rows;
    },
    finish: () => call.setPosition(replica.positionToken(reached)),
  };
}
