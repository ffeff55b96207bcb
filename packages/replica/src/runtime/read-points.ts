import type { OrderedLog, Position } from '../log/ordered-log.ts';

/**
 * Shares rounds among reads: while one is under way, all further reads wait for the next one together. A
 * read may only use a round that began after the read did, so never the one under way.
 */
export class ReadPoints {
  private readonly log: Pick<OrderedLog, 'readPoint'>;
  private current: Promise<Position> | undefined;
  private following: Promise<Position> | undefined;

  constructor(log: Pick<OrderedLog, 'readPoint'>) {
    this.log = log;
  }

  next(): Promise<Position> {
    if (this.current === undefined) return this.begin();
    this.following ??= this.current.then(
      () => this.begin(),
      () => this.begin(),
    );
    return this.following;
  }

  private begin(): Promise<Position> {
    this.following = undefined;
    const round = this.log.readPoint().finally(() => {
      if (this.current === round) this.current = undefined;
    });
    this.current = round;
    return round;
  }
}
