import type { Random } from '@everopen/core';
import { randomStream, type Trace } from '@everopen/simulation';
import {
  foundingState,
  type Configuration,
  type MemberId,
  type Message,
  type RaftLimits,
  type RaftMutations,
} from '../../src/index.ts';
import { numberedCommand } from './counting-machine.ts';
import { describeConfiguration, describeMessage } from './describe-message.ts';
import { Invariants } from './invariants.ts';
import { SimulatedMember, type SnapshotFile } from './simulated-member.ts';

/** Something that travels between two members: a message, or a whole snapshot. */
type InFlight = { readonly message: Message; readonly file?: SnapshotFile };

export interface ClusterOptions {
  readonly seed: number;
  /** Those who vote at first; the others have the same founding record, and wait to be added. */
  readonly voters: readonly MemberId[];
  readonly others: readonly MemberId[];
  readonly limits: Partial<RaftLimits>;
  readonly mutations?: RaftMutations;
  readonly watchPromises?: boolean;
  /** Told everything, if given. */
  readonly trace?: Trace | undefined;
}

/** What is in flight at most; beyond it the network drops, as a full socket buffer would. */
const IN_FLIGHT_MAX = 400;

/** Members, what travels between them, and the faults that can be done to them. Chance is the caller's. */
export class SimulatedCluster {
  readonly members: readonly SimulatedMember[];
  readonly invariants: Invariants;
  readonly random: Random;
  /** In the order of sending. */
  readonly inFlight: InFlight[] = [];
  /** Directed links that carry nothing: `from>to`. */
  readonly cuts: Set<string> = new Set();
  readonly counts = { readsAnswered: 0, readsFailed: 0, crashes: 0, elections: 0, snapshots: 0, changes: 0 };
  /** A member that stays faulty when everything else is healed. */
  exceptional: SimulatedMember | undefined;
  private readonly trace: Trace | undefined;
  private lastCommand = 0;

  constructor(options: ClusterOptions) {
    const { seed, voters, others, limits, mutations = {}, watchPromises = true, trace } = options;
    this.random = randomStream(seed, 'cluster');
    this.trace = trace;
    const configuration: Configuration = { voters, learners: [] };
    this.invariants = new Invariants(configuration, { watchPromises });
    const founding = foundingState(configuration);
    this.members = [...voters, ...others].map(
      (id) =>
        new SimulatedMember({ id, founding, random: randomStream(seed, `member ${id}`), limits, mutations }),
    );
  }

  /** Those that run and are not paused. */
  get awake(): SimulatedMember[] {
    return this.members.filter(({ isUp, isPaused }) => isUp && !isPaused);
  }

  get leaders(): SimulatedMember[] {
    return this.awake.filter(({ core }) => core.status.role === 'leader');
  }

  /** Takes what is at this place in the queue to its receiver, if it can be reached. */
  deliver(at: number, options: { readonly keep: boolean } = { keep: false }): void {
    const travelling = this.inFlight[at];
    if (travelling === undefined) return;
    const { message, file } = travelling;
    const receiver = this.memberOf(message.to);
    if (receiver.isPaused) return;
    if (!options.keep) this.inFlight.splice(at, 1);
    if (!receiver.isUp || this.cuts.has(`${message.from}>${message.to}`)) return this.lose(travelling);
    this.note(message.to, () => `gets ${describeMessage(message)}`);
    if (file !== undefined && message.type === 'snapshot') {
      receiver.receiveSnapshot(file, message);
      this.counts.snapshots++;
      this.reportSnapshot(message, 'installed');
    } else {
      receiver.core.step(message);
    }
    this.changed(receiver);
  }

  drop(at: number): void {
    const [lost] = this.inFlight.splice(at, 1);
    if (lost !== undefined) this.lose(lost);
  }

  tick(member: SimulatedMember): void {
    member.core.tick();
    this.changed(member);
  }

  finishWrite(member: SimulatedMember): void {
    if (!member.stored.isWriting) return;
    member.finishWrite();
    this.note(member.id, () => `has written up to ${member.core.status.durable}`);
    this.changed(member);
  }

  apply(member: SimulatedMember, maxEntries: number): void {
    member.apply(maxEntries);
    this.invariants.stateIsRight(member);
  }

  saveState(member: SimulatedMember): void {
    member.saveState();
    this.note(member.id, () => `stores its state at ${member.store.applied}`);
  }

  compact(member: SimulatedMember, trailing: number): void {
    member.compact(trailing);
    this.note(member.id, () => `begins its log behind ${member.core.log.snapshot.index}`);
  }

  propose(member: SimulatedMember): void {
    this.attempt(member, `proposes x${this.lastCommand + 1}`, () => {
      member.core.propose(numberedCommand(this.lastCommand + 1));
      this.lastCommand++;
    });
  }

  read(member: SimulatedMember): void {
    this.attempt(member, 'reads', () => member.reads.set(member.core.read(), this.invariants.highestCommit));
  }

  changeConfiguration(member: SimulatedMember, next: Configuration): void {
    this.attempt(member, `changes to ${describeConfiguration(next)}`, () => {
      member.core.changeConfiguration(next);
      this.counts.changes++;
    });
  }

  transfer(member: SimulatedMember, to: MemberId): void {
    this.attempt(member, `hands over to ${to}`, () => member.core.transferLeadership(to));
  }

  /** A member hears or is heard by others, or neither. */
  isolate(id: MemberId, { hears, isHeard }: { readonly hears: boolean; readonly isHeard: boolean }): void {
    this.note(id, () => `is cut off${hears ? ', but hears' : ''}${isHeard ? ', but is heard' : ''}`);
    for (const other of this.members) {
      if (!hears) this.cuts.add(`${other.id}>${id}`);
      if (!isHeard) this.cuts.add(`${id}>${other.id}`);
    }
  }

  campaign(member: SimulatedMember): void {
    this.note(member.id, () => 'campaigns');
    member.core.campaign();
    this.changed(member);
  }

  suspect(member: SimulatedMember, peer: MemberId): void {
    member.core.suspect(peer);
    member.core.unreachable(peer);
    this.changed(member);
  }

  crash(member: SimulatedMember): void {
    this.note(member.id, () => 'loses power');
    this.counts.crashes++;
    member.crash((records) => this.random.below(records + 1));
  }

  start(member: SimulatedMember): void {
    member.start();
    this.note(member.id, () => `starts: log ends ${member.core.log.lastIndex}@${member.core.log.lastTerm}`);
    this.changed(member);
  }

  /** The end of a member's turn. */
  takeReady(member: SimulatedMember): void {
    const ready = member.takeReady();
    for (const message of ready.messages) {
      this.invariants.isSent(member, message);
      if (message.type === 'vote') this.counts.elections++;
      this.send({ message });
    }
    for (const { id, index } of ready.reads) {
      this.invariants.readIsFresh(member, member.reads.get(id) as number, index);
      member.reads.delete(id);
      this.counts.readsAnswered++;
    }
    for (const id of ready.failedReads) {
      member.reads.delete(id);
      this.counts.readsFailed++;
    }
    for (const { to } of ready.snapshotRequests) this.sendSnapshot(member, to);
    this.invariants.look(member, this.members);
  }

  private memberOf(id: MemberId): SimulatedMember {
    return this.members.find((member) => member.id === id) as SimulatedMember;
  }

  private changed(member: SimulatedMember): void {
    member.isDue = true;
    this.invariants.look(member, this.members);
  }

  private attempt(member: SimulatedMember, what: string, action: () => void): void {
    try {
      action();
      this.note(member.id, () => what);
    } catch (error) {
      if ((error as { code?: string }).code === undefined) throw error;
      this.note(member.id, () => `refuses: ${what}`);
    }
    this.changed(member);
  }

  private send(travelling: InFlight): void {
    if (this.inFlight.length < IN_FLIGHT_MAX) this.inFlight.push(travelling);
    else this.lose(travelling);
  }

  private sendSnapshot(member: SimulatedMember, to: MemberId): void {
    const file = member.takeSnapshot();
    const { term } = member.core.status;
    this.note(member.id, () => `sends ${to} a snapshot at ${file.meta.index}`);
    this.send({ message: { type: 'snapshot', from: member.id, to, term, meta: file.meta }, file });
  }

  private lose({ message, file }: InFlight): void {
    if (file !== undefined) this.reportSnapshot(message, 'failed');
  }

  private reportSnapshot({ from, to }: Message, outcome: 'installed' | 'failed'): void {
    const sender = this.memberOf(from);
    if (!sender.isUp) return;
    sender.core.snapshotSent(to, outcome);
    this.changed(sender);
  }

  private note(member: MemberId, what: () => string): void {
    this.trace?.note(`${member}`, what());
  }
}
