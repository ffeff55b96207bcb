import type { Rotation } from '../../wire/bodies.ts';
import type { SequencedRequests } from './sequenced-requests.ts';

/** What a member knows of the others, first- or second-hand. Numbers only grow. */
export class Knowledge {
  /** The highest number that anybody has given. */
  maxK = 0;
  /** The highest local number that exists of each member's Requests. */
  readonly known: number[];
  /** Up to where each member holds everything on its disk. */
  readonly acks: number[];
  /** The newest round of reads heard of each member. */
  readonly echoes: number[];
  private readonly index: number;

  constructor(size: number, index: number) {
    this.index = index;
    this.known = new Array<number>(size).fill(0);
    this.acks = new Array<number>(size).fill(0);
    this.echoes = new Array<number>(size).fill(0);
  }

  /** What this member holds by now. */
  note(order: SequencedRequests, ownAck: number): void {
    this.maxK = Math.max(this.maxK, order.highestSequence);
    const named = order.named();
    for (let i = 0; i < this.known.length; i++) {
      raise(this.known, i, Math.max(named[i] as number, order.highestOf(i)));
    }
    raise(this.acks, this.index, ownAck);
  }

  merge(sender: number, body: Rotation): void {
    this.maxK = Math.max(this.maxK, body.maxK);
    for (let i = 0; i < this.known.length; i++) {
      raise(this.known, i, body.known[i] as number);
      // Nobody knows better than I what is on my disk.
      if (i !== this.index) raise(this.acks, i, body.acks[i] as number);
    }
    this.lastRound[sender] = this.echoes[sender] as number;
    raise(this.echoes, sender, body.round);
  }

  /** Whether the datagram merged last has begun a round of reads. */
  hasNewRound(sender: number, round: number): boolean {
    return round > (this.lastRound[sender] ?? 0);
  }

  /** Whether the sender of this could learn something. */
  knowsMoreThan(body: Rotation): boolean {
    return this.maxK > body.maxK || this.known.some((known, i) => known > (body.known[i] as number));
  }

  /** Whether something is unnumbered, not ordered, not stable, or not yet everywhere. */
  isOpen(order: SequencedRequests, stable: number): boolean {
    return (
      this.maxK > order.ordered ||
      this.maxK > stable ||
      this.acks.some((ack) => ack < this.maxK) ||
      this.known.some((known, i) => known > order.numberedOf(i))
    );
  }

  summary(stable: number): string {
    return `${this.maxK} ${stable} ${this.acks.join()} ${this.known.join()}`;
  }

  private readonly lastRound: number[] = [];
}

function raise(vector: number[], i: number, value: number): void {
  vector[i] = Math.max(vector[i] as number, value);
}
