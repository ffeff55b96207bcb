import { CodedError, type Clock } from '@everopen/core';
import type { CommandBody } from '../command/command-envelope.ts';

/** While there is work, a member reports its clock this often. */
const REPORT_MS = 2000;
/** Log time is fresh while a majority's reports are not older than this. */
const FRESH_MS = 5000;
/** Somebody waits: report again at most this often. */
const WANTED_MS = 200;
/** How long a call waits for log time to become fresh. */
const WAIT_MS_MAX = 1500;
/** After waiting in vain, writes do not wait again for so long. */
const GIVE_UP_MS = 5000;

export interface ClockReporterOptions {
  readonly member: string;
  readonly members: readonly string[];
  readonly clock: Clock;
  /** Puts a clock report into the log; what becomes of it is of no concern. */
  readonly submit: (body: CommandBody) => void;
}

/**
 * Keeps log time near the clocks while there is work, and lets it rest otherwise. Whether it is fresh is
 * judged by how long ago (on this machine's monotonic clock) reports came, never by their contents: so a
 * wrong calendar, here or elsewhere, neither stops work nor makes stale time look fresh.
 */
export class ClockReporter {
  private readonly options: ClockReporterOptions;
  private readonly reportedMs = new Map<string, number>();
  private readonly waiters = new Set<{ deadlineMs: number; settle(fresh: boolean): void }>();
  private submittedMs = Number.NEGATIVE_INFINITY;
  private gaveUpMs = Number.NEGATIVE_INFINITY;
  private live = false;
  private polling = false;
  private closed = false;

  constructor(options: ClockReporterOptions) {
    this.options = options;
  }

  get isFresh(): boolean {
    const { clock, members } = this.options;
    const since = clock.monotonicMs() - FRESH_MS;
    const recent = members.filter(
      (member) => (this.reportedMs.get(member) ?? Number.NEGATIVE_INFINITY) >= since,
    );
    return recent.length * 2 > members.length;
  }

  /** Work was applied: report, if the last report is a while ago. */
  worked(): void {
    if (this.options.clock.monotonicMs() - this.submittedMs >= REPORT_MS) this.report(false);
  }

  /**
   * A clock report was applied. `own`: submitted by this replica since it started. What was applied before
   * the first of those may be old: the log is being replayed.
   */
  reported(report: { member: string; wanted: boolean; own: boolean }): void {
    const { clock } = this.options;
    const now = clock.monotonicMs();
    if (report.own) this.live = true;
    else if (report.wanted && now - this.submittedMs >= WANTED_MS) this.report(false);
    if (!this.live) return;
    this.reportedMs.set(report.member, report.own ? this.submittedMs : now);
    if (this.waiters.size > 0 && this.isFresh) this.settle(() => true, true);
  }

  /** Resolves with true once log time is fresh, with false if it does not become so in time. */
  fresh(): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    if (this.isFresh) return Promise.resolve(true);
    return new Promise((resolve) => {
      const deadlineMs = this.options.clock.monotonicMs() + WAIT_MS_MAX;
      this.waiters.add({ deadlineMs, settle: resolve });
      if (!this.polling) this.poll();
    });
  }

  /** The same for those who can do with an older log time: they wait, but not all of them again and again. */
  freshUnlessGivenUp(): Promise<boolean> {
    const givenUp = this.options.clock.monotonicMs() - this.gaveUpMs < GIVE_UP_MS;
    return givenUp ? Promise.resolve(this.isFresh) : this.fresh();
  }

  close(): void {
    this.closed = true;
    this.settle(() => true, false);
  }

  private poll(): void {
    const { clock } = this.options;
    const now = clock.monotonicMs();
    this.settle((deadlineMs) => deadlineMs <= now, false);
    this.polling = this.waiters.size > 0 && !this.closed;
    if (!this.polling) return;
    if (now - this.submittedMs >= WANTED_MS) this.report(true);
    clock.setTimer(WANTED_MS / 2, () => this.poll(), { background: true });
  }

  private report(wanted: boolean): void {
    const { clock, member, submit } = this.options;
    if (this.closed) return;
    this.submittedMs = clock.monotonicMs();
    submit({ kind: 'clock', member, unixMs: clock.unixMs(), wanted });
  }

  private settle(which: (deadlineMs: number) => boolean, fresh: boolean): void {
    for (const waiter of this.waiters) {
      if (!which(waiter.deadlineMs)) continue;
      this.waiters.delete(waiter);
      this.gaveUpMs = fresh ? Number.NEGATIVE_INFINITY : this.options.clock.monotonicMs();
      waiter.settle(fresh);
    }
  }
}

export function notFresh(): CodedError {
  return new CodedError('NotCaughtUp', 'Too few members have reported their clocks lately');
}
