import type { Positions } from '@everopen/contract/rest';

export type DatabaseName = keyof Positions;

/**
 * The newest position of each database that this server has seen, and what that makes of the positions that
 * clients bring. Only ever a hint: losing it costs a linearizable read.
 */
export interface KnownPositions {
  note(database: DatabaseName, token: string | undefined): void;
  /** The newest token seen. */
  newest(database: DatabaseName): string | undefined;
  /**
   * The position at which a browsing read is to be answered for a client that has seen `claimed`; undefined
   * asks for a linearizable read. A claim is believed only up to what this server has seen itself: a newer
   * one may be true or forged, and a linearizable read satisfies it without waiting for what may never come.
   */
  readAt(database: DatabaseName, claimed: string | undefined): string | undefined;
}

interface Position {
  readonly epoch: string;
  readonly number: number;
  readonly token: string;
}

export function knownPositions(): KnownPositions {
  const newest: Record<DatabaseName, Position | undefined> = { customers: undefined, products: undefined };
  return {
    note: (database, token) => {
      const seen = token === undefined ? undefined : parsePosition(token);
      if (seen === undefined) return;
      const known = newest[database];
      // Another epoch is a restored backup: numbers of the old one mean nothing any more.
      if (known === undefined || known.epoch !== seen.epoch || known.number < seen.number) {
        newest[database] = seen;
      }
    },
    newest: (database) => newest[database]?.token,
    readAt: (database, claimed) => {
      const known = newest[database];
      if (known === undefined || claimed === undefined) return known?.token;
      const position = parsePosition(claimed);
      const isCovered = position?.epoch === known.epoch && position.number <= known.number;
      return isCovered ? claimed : undefined;
    },
  };
}

/** "epoch:number", as the databases write it. */
function parsePosition(token: string): Position | undefined {
  const colon = token.lastIndexOf(':');
  const digits = token.slice(colon + 1);
  if (colon < 1 || !/^[0-9]{1,16}$/.test(digits)) return undefined;
  return { epoch: token.slice(0, colon), number: Number(digits), token };
}
