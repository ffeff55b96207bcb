import type { Random } from '@everopen/core';
import { randomStream, type Trace } from '@everopen/simulation';
import {
  foundingState,
  type Configuration,
  type Index,
  type MemberId,
  type Message,
  type MessageOf,
  type RaftLimits,
  type RaftMutations,
  type Term,
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
  readonly trace?: Pick<Trace, 'note'> | undefined;
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
  private readonly trace: Pick<Trace, 'note'> | undefined;
  private readonly told = new Map<MemberId, { role: string; term: Term; commit: Index }>();
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

  /** @param survivors of the records under way, how many have reached the disk; default: any number */
  crash(member: SimulatedMember, survivors?: number): void {
    this.note(member.id, () => 'loses power');
    this.counts.crashes++;
    const { installing } = member;
    member.crash((records) => survivors ?? this.random.below(records + 1));
    if (installing !== undefined) this.reportSnapshot(installing, 'failed');
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
      this.note(member.id, () => `may answer read ${id} at ${index}`);
    }
    for (const id of ready.failedReads) {
      member.reads.delete(id);
      this.counts.readsFailed++;
      this.note(member.id, () => `cannot answer read ${id}`);
    }
    for (const { to, atLeast } of ready.snapshotRequests) this.sendSnapshot(member, to, atLeast);
    this.look(member);
  }

  private memberOf(id: MemberId): SimulatedMember {
    return this.members.find((member) => member.id === id) as SimulatedMember;
  }

  private changed(member: SimulatedMember): void {
    member.isDue = true;
    this.look(member);
  }

  private look(member: SimulatedMember): void {
    this.finishSnapshot(member);
    if (this.trace !== undefined) this.tellNews(member);
    this.invariants.look(member, this.members);
  }

  /** What became of a member, where that changed. */
  private tellNews({ id, core }: SimulatedMember): void {
    const { role, term, commit } = core.status;
    const before = this.told.get(id) ?? { role: 'follower', term: 0, commit: 0 };
    if (role !== before.role || term !== before.term) this.note(id, () => `is ${role} in term ${term}`);
    if (commit > before.commit) this.note(id, () => `has committed up to ${commit}`);
    this.told.set(id, { role, term, commit });
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

  private sendSnapshot(member: SimulatedMember, to: MemberId, atLeast: Index): void {
    // A leader whose own state waits for a snapshot has none to give yet.
    if (member.machine.applied < atLeast) return member.core.snapshotFailed(to);
    const file = member.takeSnapshot();
    const { term } = member.core.status;
    this.note(member.id, () => `sends ${to} a snapshot at ${file.meta.index}`);
    this.send({ message: { type: 'snapshot', from: member.id, to, term, meta: file.meta }, file });
  }

  private lose({ message, file }: InFlight): void {
    if (file !== undefined && message.type === 'snapshot') this.reportSnapshot(message, 'failed');
  }

  /** A snapshot is installed once its record is durable. */
  private finishSnapshot(member: SimulatedMember): void {
    const { installing } = member;
    if (installing === undefined || member.core.applicable < installing.meta.index) return;
    member.installing = undefined;
    this.reportSnapshot(installing, 'installed');
  }

  private reportSnapshot({ from, to, meta }: MessageOf<'snapshot'>, outcome: 'installed' | 'failed'): void {
    const sender = this.memberOf(from);
    if (!sender.isUp) return;
    if (outcome === 'installed') sender.core.snapshotInstalled(to, meta.index);
    else sender.core.snapshotFailed(to);
    this.changed(sender);
  }

  /** For the trace. */
  private note(member: MemberId, what: () => string): void {
    this.trace?.note(`${member}`, what());
  }
}
