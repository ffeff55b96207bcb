/** The shape of an ordered log (`OrderedLog` of `@everopen/replica` is the same, and the compliance suite checks it). */

/** A count of committed commands: the first has position 1, and 0 means "before everything". */
export type Position = number;

export type LogEvent =
  | { readonly kind: 'commands'; readonly first: Position; readonly commands: readonly Uint8Array[] }
  | {
      readonly kind: 'configuration';
      readonly after: Position;
      readonly members: readonly string[];
      readonly description: string;
    }
  | { readonly kind: 'snapshot'; readonly position: Position; readonly chunks: AsyncIterable<Uint8Array> };

/** Who can give a snapshot of the state to a member that is too far behind. */
export interface SnapshotSource {
  snapshot(atLeast: Position): Promise<{ position: Position; chunks: AsyncIterable<Uint8Array> }>;
}

export interface LogStatus {
  readonly engine: string;
  readonly member: string;
  readonly ready: boolean;
  readonly committed: Position;
  readonly first: Position;
  readonly details: Readonly<Record<string, unknown>>;
}
