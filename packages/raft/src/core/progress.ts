import { assert } from './assert.ts';
import type { RaftLimits } from './limits.ts';
import type { Index } from './types.ts';

/**
 * What a leader knows of one follower. `match` and `next` are the paper's matchIndex and nextIndex; the
 * mode says how appends are sent (etcd's raft has the same three):
 *
 *     probe      one append, then wait: where the logs agree is not known yet
 *     replicate  appends are pipelined, within the limits on what is in flight
 *     snapshot   nothing but heartbeats: the host is streaming a snapshot
 *
 *     probe ──accepted──▶ replicate ──refused, lost, unreachable──▶ probe
 *       └──── the log no longer reaches back ────▶ snapshot ──done or failed──▶ probe
 */
export class Progress {
  match: Index = 0;
  next: Index;
  mode: 'probe' | 'replicate' | 'snapshot' = 'probe';
  /** In probe: an append is under way. */
  probing = false;
  /** Heard from since the last check of the quorum. */
  active = true;
  /** The newest round of reads that it has echoed. */
  round = 0;
  /** The commit index it was told last. */
  sentCommit: Index = 0;
  private inflight: { readonly last: Index; readonly bytes: number }[] = [];
  private inflightBytes = 0;

  constructor(next: Index) {
    this.next = next;
  }

  canSend(limits: RaftLimits): boolean {
    switch (this.mode) {
      case 'probe':
        return !this.probing;
      case 'replicate':
        return (
          this.inflight.length < limits.inflightMaxMessages && this.inflightBytes < limits.inflightMaxBytes
        );
      case 'snapshot':
        return false;
    }
  }

  /** An append with entries up to `last` was sent. */
  sent(last: Index, bytes: number): void {
    if (this.mode === 'probe') {
      this.probing = true;
      return;
    }
    assert(this.mode === 'replicate', 'appends are not sent while a snapshot is');
    this.next = last + 1;
    this.inflight.push({ last, bytes });
    this.inflightBytes += bytes;
  }

  /** The follower holds everything up to `durable`, on its disk. True if that is news. */
  accepted(durable: Index): boolean {
    const isNews = durable > this.match;
    this.match = Math.max(this.match, durable);
    while (this.inflight.length > 0 && (this.inflight[0] as { last: Index }).last <= this.match) {
      this.inflightBytes -= (this.inflight.shift() as { bytes: number }).bytes;
    }
    this.next = Math.max(this.next, this.match + 1);
    return isNews;
  }

  toReplicate(): void {
    if (this.mode === 'replicate') return;
    this.mode = 'replicate';
    this.probing = false;
  }

  /** Forgets what was sent beyond `match`, and asks again from `next`. */
  toProbe(next: Index = this.match + 1): void {
    this.mode = 'probe';
    this.probing = false;
    this.next = Math.max(next, this.match + 1);
    this.inflight = [];
    this.inflightBytes = 0;
  }

  toSnapshot(): void {
    this.toProbe();
    this.mode = 'snapshot';
  }
}
