import type { Configuration, Entry, Index, MemberId, Message, Term } from '../../src/index.ts';
import { voterDifference } from '../../src/core/membership.ts';
import { majority } from '../../src/core/quorum.ts';
import { applyEntry, EMPTY_STATE, type MachineState } from './counting-machine.ts';
import { describeConfiguration, describeEntry } from './describe-message.ts';
import type { SimulatedMember } from './simulated-member.ts';

/** A safety property does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/**
 * The properties of figure 3 of the paper, and what they rest on. Looks into all members at once, as nobody in a
 * real cluster can.
 *
 * `behaviour` are the promises to users: one leader a term, one history, nothing lost, no stale read. `promises` are
 * those between members: what a message says must be on the disk of its sender when it leaves, and so on. The
 * second find a fault at once that would need a rare accident to show in the first.
 */
export class Invariants {
  /** The one history: everything that any member has ever said to be committed. */
  readonly committed: Entry[] = [];
  /** The terms in which they were. */
  private readonly commitTerms: Term[] = [];
  private readonly states: MachineState[] = [EMPTY_STATE];
  private readonly leaders = new Map<Term, MemberId>();
  private readonly grants = new Map<string, MemberId>();
  /** Those that were committed, by index. */
  private readonly configurations: { readonly index: Index; readonly configuration: Configuration }[];
  private readonly watchPromises: boolean;

  constructor(founding: Configuration, options: { readonly watchPromises: boolean }) {
    this.configurations = [{ index: 0, configuration: founding }];
    this.watchPromises = options.watchPromises;
  }

  get highestCommit(): Index {
    return this.committed.length;
  }

  get highestTerm(): Term {
    return Math.max(0, ...this.leaders.keys());
  }

  /** After anything that may have changed a member. */
  look(member: SimulatedMember, everybody: readonly SimulatedMember[]): void {
    const { role, term, commit } = member.core.status;
    if (role === 'leader' && member.ledTerm !== term) this.becameLeader(member, term);
    if (commit > member.commitChecked) {
      this.hasCommitted(member, commit);
      if (this.watchPromises && role === 'leader') this.cannotBeLost(commit, everybody);
    }
    if (!this.watchPromises) return;
    this.durableIsOnDisk(member);
    if (role === 'follower') this.matchedIsEqual(member, everybody);
    if (role === 'leader' && term === this.highestTerm) this.configurationsOverlap(member);
  }

  /** Election safety; and leader completeness: a leader has what was committed in earlier terms. (Its votes may come late.) */
  private becameLeader(member: SimulatedMember, term: Term): void {
    const other = this.leaders.get(term);
    if (other !== undefined && other !== member.id) {
      throw new Violation(`Election safety: ${other} and ${member.id} both lead in term ${term}`);
    }
    this.leaders.set(term, member.id);
    member.ledTerm = term;
    const { log } = member.core;
    for (let index = log.snapshot.index + 1; index <= this.committed.length; index++) {
      const entry = log.entryAt(index);
      const known = this.committed[index - 1] as Entry;
      if ((this.commitTerms[index - 1] as Term) >= term) break;
      if (entry === undefined || !isSame(entry, known)) {
        throw new Violation(
          `Leader completeness: ${member.id} leads in term ${term} without ${describeEntry(known)}`,
        );
      }
    }
  }

  /** State machine safety, for what is committed. */
  private hasCommitted(member: SimulatedMember, commit: Index): void {
    const { log } = member.core;
    for (let index = member.commitChecked + 1; index <= commit; index++) {
      const entry = log.entryAt(index);
      const known = this.committed[index - 1];
      if (entry === undefined) {
        if (index === log.snapshot.index) this.snapshotIsRight(member);
      } else if (known === undefined) {
        this.record(entry, member.core.status.term);
      } else if (!isSame(entry, known)) {
        throw new Violation(
          `State machine safety: ${member.id} has committed ${describeEntry(entry)}, others ${describeEntry(known)}`,
        );
      }
    }
    member.commitChecked = commit;
  }

  private snapshotIsRight({ id, core }: SimulatedMember): void {
    const { index, term, configuration } = core.log.snapshot;
    if (this.committed[index - 1]?.term !== term) {
      throw new Violation(`State machine safety: ${id} has a snapshot of another history`);
    }
    const inForce = this.configurations.findLast((known) => known.index <= index)?.configuration;
    if (this.watchPromises && configuration !== inForce) {
      throw new Violation(`Membership: ${id} has a snapshot at ${index} with another configuration`);
    }
  }

  /**
   * Leader completeness, looking ahead: if everybody crashed now, nobody could be elected without what is committed.
   * Each decides by the configuration and the log on its own disk.
   */
  private cannotBeLost(commit: Index, everybody: readonly SimulatedMember[]): void {
    const known = this.committed[commit - 1] as Entry;
    for (const { id, stored } of everybody) {
      if (stored.holds(known)) continue;
      const { term, index, configuration } = stored.end;
      const supporters = everybody.filter(({ id: voter, stored: { end } }) => {
        const isUpToDate = end.term < term || (end.term === term && end.index <= index);
        return isUpToDate && configuration.voters.includes(voter);
      });
      if (supporters.length >= majority(configuration.voters.length)) {
        throw new Violation(
          `Leader completeness: ${describeEntry(known)} is committed, and ${id} can be elected without it`,
        );
      }
    }
  }

  private record(entry: Entry, commitTerm: Term): void {
    if (entry.index !== this.committed.length + 1) {
      throw new Violation(`${describeEntry(entry)} is committed before what precedes it`);
    }
    this.committed.push(entry);
    this.commitTerms.push(commitTerm);
    this.states.push(applyEntry(this.states.at(-1) as MachineState, entry));
    if (entry.kind === 'configuration') this.configurations.push(entry);
  }

  /** State machine safety, for what was applied. */
  stateIsRight({ id, machine }: SimulatedMember): void {
    if (this.states[machine.applied]?.chain !== machine.chain) {
      throw new Violation(
        `State machine safety: the state of ${id} at ${machine.applied} is of another history`,
      );
    }
  }

  /** A read began when `atLeast` was committed. */
  readIsFresh(member: SimulatedMember, atLeast: Index, index: Index): void {
    if (index < atLeast) {
      throw new Violation(`Stale read: ${member.id} reads at ${index}, ${atLeast} was committed before`);
    }
  }

  /** Log matching: where two logs agree on index and term of an entry, they agree up to there. */
  logsMatch(members: readonly SimulatedMember[]): void {
    for (const [i, a] of members.entries()) {
      for (const b of members.slice(i + 1)) if (a.isUp && b.isUp) twoLogsMatch(a, b);
    }
  }

  /** A message leaves its sender. */
  isSent(sender: SimulatedMember, message: Message): void {
    const { stored } = sender;
    if (message.type === 'voteAnswer' && message.granted) this.votesOnce(sender.id, message);
    if (!this.watchPromises) return;
    const speaksOfTheFuture =
      message.type === 'preVote' || (message.type === 'preVoteAnswer' && message.granted);
    const { term, votedFor } = stored.storedHardState;
    if (!speaksOfTheFuture && message.term > term) promiseBroken(sender, message, `term ${term} is on disk`);
    if (
      message.type === 'voteAnswer' &&
      message.granted &&
      term === message.term &&
      votedFor !== message.to
    ) {
      promiseBroken(sender, message, `its vote for ${votedFor} is on disk`);
    }
    // What follows speaks of the log as it was in the message's term.
    if (message.term !== sender.core.status.term) return;
    if (message.type === 'vote' && sender.core.status.role === 'candidate') {
      const isStored = stored.termAt(message.lastIndex) === message.lastTerm;
      if (!isStored) promiseBroken(sender, message, 'the end of its log is not on disk');
    }
    if (message.type === 'appendAccepted' || message.type === 'heartbeatAnswer') {
      const { durable } = message;
      const { log } = sender.core;
      const isStored = durable <= log.snapshot.index || stored.termAt(durable) === log.termAt(durable);
      if (!isStored) promiseBroken(sender, message, `its disk does not hold ${durable}`);
    }
  }

  private votesOnce(voter: MemberId, { term, to }: Message): void {
    const key = `${voter} in ${term}`;
    const before = this.grants.get(key);
    if (before !== undefined && before !== to) {
      throw new Violation(`Voting: ${voter} votes for ${before} and for ${to} in term ${term}`);
    }
    this.grants.set(key, to);
  }

  private durableIsOnDisk({ id, core, stored }: SimulatedMember): void {
    const { durable } = core.status;
    if (durable <= core.log.snapshot.index) return;
    if (stored.termAt(durable) !== core.log.termAt(durable)) {
      throw new Violation(`Durability: ${id} believes that ${durable} is on its disk`);
    }
  }

  private matchedIsEqual(member: SimulatedMember, everybody: readonly SimulatedMember[]): void {
    const { matched, leader, term } = member.core.status;
    const leading = everybody.find(({ id }) => id === leader);
    if (leading?.isUp !== true || leading.core.status.term !== term) return;
    const [mine, theirs] = [member.core.log.termAt(matched), leading.core.log.termAt(matched)];
    if (mine !== undefined && theirs !== undefined && mine !== theirs) {
      throw new Violation(`Matching: ${member.id} believes that it equals ${leader} up to ${matched}`);
    }
  }

  /** The newest leader decides by majorities that meet those of whatever was committed last. */
  private configurationsOverlap({ id, core }: SimulatedMember): void {
    const newest = this.configurations.at(-1)?.configuration as Configuration;
    if (voterDifference(core.log.configuration, newest) > 1) {
      const [mine, last] = [core.log.configuration, newest].map(describeConfiguration);
      throw new Violation(`Membership: ${id} leads in ${mine}, ${last} was committed last`);
    }
  }
}

function twoLogsMatch(a: SimulatedMember, b: SimulatedMember): void {
  const [one, two] = [a.core.log, b.core.log];
  const first = Math.max(one.snapshot.index, two.snapshot.index) + 1;
  let agreed = false;
  for (let index = Math.min(one.lastIndex, two.lastIndex); index >= first; index--) {
    const [x, y] = [one.entryAt(index) as Entry, two.entryAt(index) as Entry];
    agreed ||= x.term === y.term;
    if (agreed && !isSame(x, y)) {
      throw new Violation(`Log matching: ${a.id} has ${describeEntry(x)}, ${b.id} has ${describeEntry(y)}`);
    }
  }
}

function isSame(a: Entry, b: Entry): boolean {
  return a === b || (a.term === b.term && describeEntry(a) === describeEntry(b));
}

function promiseBroken({ id }: SimulatedMember, { type, to }: Message, fact: string): never {
  throw new Violation(`Durability: ${id} sends ${type} to ${to}, but ${fact}`);
}
