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

  /** An append with entries up to `last` was sent; of `bytes` 0, if it only told of the commit index. */
  sent(last: Index, bytes: number): void {
    assert(this.mode !== 'snapshot', 'appends are not sent while a snapshot is');
    if (this.mode === 'probe') {
      this.probing = true;
      return;
    }
    if (bytes === 0) return;
    this.next = last + 1;
    this.inflight.push({ last, bytes });
    this.inflightBytes += bytes;
  }

  /** The follower has proven its log equal up to `matched`, and holds it up to `durable` on its disk. */
  accepted(matched: Index, durable: Index): void {
    this.match = Math.max(this.match, durable);
    this.next = Math.max(this.next, this.match + 1, this.mode === 'probe' ? matched + 1 : 0);
    for (
      let first = this.inflight[0];
      first !== undefined && first.last <= this.match;
      first = this.inflight[0]
    ) {
      this.inflightBytes -= first.bytes;
      this.inflight.shift();
    }
  }

  toReplicate(): void {
    assert(this.mode === 'probe', 'only a probe finds out where logs agree');
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
