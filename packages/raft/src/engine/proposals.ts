import { CodedError } from '@everopen/core';
import type { RaftCore } from '../core/raft-core.ts';
import type { EntryPlace } from '../core/types.ts';
import type { Position } from './ordered-log.ts';

interface Proposal {
  readonly place: EntryPlace;
  committed(position: Position): void;
  /** Another entry has taken the place: this one will surely never be committed. */
  lost(): void;
  unknown(error: CodedError): void;
}

/** Commands in the log of this member, as leader or former leader, whose fate is open. */
export class Proposals {
  private readonly core: RaftCore;
  /** In the order of their places. */
  private waiting: Proposal[] = [];

  constructor(core: RaftCore) {
    this.core = core;
  }

  add(proposal: Proposal): void {
    this.waiting.push(proposal);
  }

  /** What has been decided since the last turn. */
  settle(): void {
    if (this.waiting.length === 0) return;
    const { commit } = this.core.status;
    const { log } = this.core;
    const committedTerm = log.termAt(commit) ?? 0;
    const open: Proposal[] = [];
    for (const [at, proposal] of this.waiting.entries()) {
      const { index, term } = proposal.place;
      // Terms in a log never fall: behind a committed entry of a later term there is nothing of this one.
      const isDecided = index <= commit || committedTerm > term;
      if (!isDecided && committedTerm === term) {
        open.push(...this.waiting.slice(at));
        break;
      }
      if (!isDecided) open.push(proposal);
      else if (index <= log.snapshot.index && term !== log.termAt(index)) {
        proposal.unknown(new CodedError('Unknown', 'A snapshot covers the place of the command'));
      } else if (log.termAt(index) === term) proposal.committed(log.commandsUpTo(index));
      else proposal.lost();
    }
    this.waiting = open;
  }

  rejectAll(error: CodedError): void {
    for (const proposal of this.waiting.splice(0)) proposal.unknown(error);
  }
}
