import type { Sequence, WalRecord, WriteAheadLog } from '../src/index.ts';

type LogicalStep =
  { readonly append: Sequence; readonly text: string } | { readonly withdrawAfter: Sequence };

/** What a log must hold after a crash, as far as its user can know. */
export interface Promised {
  /** All steps that were ever taken. The log must be as after some first part of them … */
  readonly steps: readonly LogicalStep[];
  /** … that has at least so many. */
  readonly atLeast: number;
  /** Records up to here may be gone. */
  readonly forgotten: Sequence;
}

/** A log does not hold what it promised. */
export class BrokenPromise extends Error {}

/** Drives a log and remembers what it promised. */
export class LogModel {
  private steps: LogicalStep[] = [];
  private stepOf = new Map<Sequence, number>();
  private atLeast = 0;
  private forgotten = 0;
  private log: WriteAheadLog | undefined;

  constructor(promised?: Promised) {
    for (const step of promised?.steps ?? []) this.record(step);
    this.atLeast = promised?.atLeast ?? 0;
    this.forgotten = promised?.forgotten ?? 0;
  }

  attach(log: WriteAheadLog): void {
    this.log = log;
    log.onDurable = (durable) => {
      this.atLeast = Math.max(this.atLeast, (this.stepOf.get(durable) ?? -1) + 1);
    };
  }

  append(bytes: number): Sequence {
    const { log } = this;
    if (!log) throw new Error('No log is attached');
    const text = `step ${this.steps.length} `.padEnd(bytes, '.');
    const sequence = log.append(Buffer.from(text), this.steps.length % 256);
    this.record({ append: sequence, text });
    return sequence;
  }

  async truncateSuffix(after: Sequence): Promise<void> {
    const done = this.log?.truncateSuffix(after);
    this.record({ withdrawAfter: after });
    const step = this.steps.length;
    await done;
    this.atLeast = Math.max(this.atLeast, step);
  }

  async truncatePrefix(upTo: Sequence): Promise<void> {
    this.forgotten = Math.max(this.forgotten, upTo);
    await this.log?.truncatePrefix(upTo);
  }

  promised(): Promised {
    return { steps: this.steps.slice(), atLeast: this.atLeast, forgotten: this.forgotten };
  }

  private record(step: LogicalStep): void {
    if ('append' in step) this.stepOf.set(step.append, this.steps.length);
    this.steps.push(step);
  }
}

export async function readAll(log: WriteAheadLog, from: Sequence = log.first): Promise<WalRecord[]> {
  const all: WalRecord[] = [];
  for await (const records of log.read(from)) all.push(...records);
  return all;
}

/**
 * Checks a recovered log against the promises: throws if a promised record is missing, or any record is wrong.
 * Gives the promises as they are now, for what was recovered is durable.
 */
export async function checkPromises(log: WriteAheadLog, promised: Promised): Promise<Promised> {
  const found = (await readAll(log)).map(
    ({ sequence, payload }) => `${sequence}: ${Buffer.from(payload).toString()}`,
  );
  for (let count = promised.steps.length; count >= promised.atLeast; count--) {
    const expected = stateAfter(promised.steps.slice(0, count));
    const kept = expected.filter(({ sequence }) => sequence >= log.first);
    const missing = expected.find(({ sequence }) => sequence > promised.forgotten && sequence < log.first);
    if (missing || kept.length !== found.length || log.durable !== (expected.at(-1)?.sequence ?? 0)) continue;
    if (kept.every(({ sequence, text }, i) => found[i] === `${sequence}: ${text}`)) {
      return { ...promised, steps: promised.steps.slice(0, count), atLeast: count };
    }
  }
  const want = stateAfter(promised.steps.slice(0, promised.atLeast));
  throw new BrokenPromise(
    `The log holds ${log.first} … ${log.durable}, last "${found.at(-1)?.trim()}"; promised were ` +
      `${promised.forgotten + 1} … ${want.at(-1)?.sequence}, last "${want.at(-1)?.text.trim()}"`,
  );
}

function stateAfter(steps: readonly LogicalStep[]): { sequence: Sequence; text: string }[] {
  const state: { sequence: Sequence; text: string }[] = [];
  for (const step of steps) {
    if ('append' in step) state.push({ sequence: step.append, text: step.text });
    else while ((state.at(-1)?.sequence ?? 0) > step.withdrawAfter) state.pop();
  }
  return state;
}
