import { CodedError } from '@everopen/core';
import { assert } from '../model/assert.ts';
import type { LogEntry } from '../model/log-entry.ts';
import type { GroupMutations } from '../model/mutations.ts';
import type { Delivery } from '../model/outbox.ts';
import type { MemberId, Processor } from '../model/processor.ts';
import { compareRings, sameRing, type RingId } from '../model/ring.ts';
import type { PayloadSource } from '../ordering/ordering-engine.ts';
import type { Entries, Fetch, ReplicationBody } from '../wire/bodies.ts';
import { chooseHistory, type History } from './choose-history.ts';
import { decodePayload, encodeCommand, encodeControl, type Control, type State } from './control.ts';
import { DurableOrder } from './durable-order.ts';
import { ReplicatedLog, sharedLength, type Position, type Run } from './replicated-log.ts';
import { Submissions, type Ticket } from './submissions.ts';

/** Bytes of log in one datagram to a member that is catching up. */
const CATCH_UP_BYTES = 32_768;
/** A request for log is repeated so often, of another member each time. */
const FETCH_MS = 50;

/** What the log on disk consists of, in the order of writing. */
export type LogRecord =
  | { readonly kind: 'entry'; readonly entry: LogEntry }
  /** Everything after this position is withdrawn. */
  | { readonly kind: 'cut'; readonly after: Position }
  /** From here on this member's log is the one that this ring started from, and what the ring adds. */
  | { readonly kind: 'accept'; readonly ring: RingId };

export type ReplicationEffect =
  /** Write these, then call `persisted(write)`; writes finish in their order. */
  | { readonly kind: 'persist'; readonly write: number; readonly records: readonly LogRecord[] }
  | { readonly kind: 'reply'; readonly to: MemberId; readonly body: ReplicationBody }
  | { readonly kind: 'fetchTimer'; readonly delayMs: number }
  /** Commands that will never be taken back. */
  | { readonly kind: 'committed'; readonly first: Position; readonly commands: readonly Uint8Array[] }
  | { readonly kind: 'answered'; readonly ticket: Ticket; readonly position: Position }
  | { readonly kind: 'readable'; readonly ticket: Ticket; readonly position: Position }
  /** For the ordering of this ring. */
  | { readonly kind: 'durable'; readonly ring: RingId; readonly seq: number }
  | { readonly kind: 'count'; readonly ring: RingId; readonly members: readonly MemberId[] }
  | { readonly kind: 'read'; readonly id: number }
  | { readonly kind: 'submitted' }
  /** This ring serves: a majority of the configured members is ready. */
  | { readonly kind: 'primary'; readonly ring: RingId }
  /** The log that this ring starts from reaches further back than its members' logs do: a snapshot is needed. */
  | { readonly kind: 'snapshotNeeded'; readonly from: MemberId; readonly atLeast: Position };

export interface RestoredLog {
  /** Absent for a disk that has never been a part of this group. */
  readonly accepted: RingId | undefined;
  readonly base?: Run;
  readonly entries: readonly LogEntry[];
  /** Up to here the state above knows it all already. */
  readonly committed: Position;
}

export interface ReplicationOptions {
  readonly me: Processor;
  readonly configured: readonly MemberId[];
  readonly majority: number;
  readonly restored: RestoredLog;
  /** Commands submitted here that are not committed; more are `Overloaded`. */
  readonly maxSubmissions: number;
  readonly mutations?: GroupMutations;
}

/** What this member does in the ring that is installed. */
interface Round {
  readonly ring: RingId;
  readonly members: readonly Processor[];
  readonly states: Map<MemberId, State>;
  readonly ready: Set<MemberId>;
  stateSent: boolean;
  history: History | undefined;
  /** The log is the one that the ring started from. */
  adopted: boolean;
  /** The write after which that is on disk. */
  adoptWrite: number;
  /** … and told to all. */
  isReady: boolean;
  /** Commands and reads have been let in. */
  opened: boolean;
  /** What the ring ordered before the log was adopted. */
  readonly buffered: LogEntry[];
  stable: number;
  fetches: number;
}

/**
 * A replicated log above the ring: a ring is a ballot. Its members tell what they have (STATE), take over the history that
 * must win (adopt), and say so once it is on their disks (READY). With a majority of the configured members ready, the ring
 * may commit: an entry is committed when it is stable, and everything that the ring started from is at once. Any later ring
 * with a majority has a member that was ready in this one, and finds the entry there. (Viewstamped Replication, Oki and
 * Liskov, 1988, with the ring's id as the view; see docs/group-communication.md for the proof.)
 */
export class Replication implements PayloadSource {
  readonly log: ReplicatedLog;
  private readonly options: ReplicationOptions;
  private readonly mutations: GroupMutations;
  private readonly submissions: Submissions;
  private readonly order = new DurableOrder();
  private effects: ReplicationEffect[] = [];
  private controls: Uint8Array[] = [];
  private accepted: RingId | undefined;
  private committedUpTo: Position;
  private round: Round | undefined;
  private reads: Ticket[] = [];
  private readonly confirmed: { reads: readonly Ticket[]; need: number }[] = [];

  constructor(options: ReplicationOptions) {
    const { restored, mutations = {} } = options;
    this.options = options;
    this.mutations = mutations;
    this.accepted = restored.accepted;
    this.log = new ReplicatedLog(restored.base);
    for (const entry of restored.entries) this.log.append(entry);
    this.committedUpTo = restored.committed;
    const { maxSubmissions } = options;
    this.submissions = new Submissions(options.me, maxSubmissions, mutations.resubmitsOrdered === true);
  }

  get committed(): Position {
    return this.committedUpTo;
  }

  /** Writes are accepted and ordered here now. */
  get serving(): boolean {
    return this.round !== undefined && this.round.isReady && this.isPrimary(this.round);
  }

  /** Takes a command; throws `Overloaded`. It is ordered exactly once, unless this process ends before. */
  submit(ticket: Ticket, command: Uint8Array): void {
    this.submissions.submit(ticket, command);
    if (this.serving) this.effects.push({ kind: 'submitted' });
  }

  /** Asks for a position that covers everything acknowledged before. Waits for a ring that serves. */
  read(ticket: Ticket): void {
    if (this.mutations.readsLocally === true && this.serving) {
      this.effects.push({ kind: 'readable', ticket, position: this.committedUpTo });
      return;
    }
    this.reads.push(ticket);
    if (this.serving) this.effects.push({ kind: 'read', id: ticket });
  }

  waitingBytes(): number {
    const controls = this.controls.reduce((sum, control) => sum + control.length, 0);
    return controls + (this.serving ? this.submissions.waitingBytes : 0);
  }

  take(maxBytes: number, number: number): Uint8Array[] {
    // Apart, so that the commands of a message are all there is in its entry.
    const control = this.controls.shift();
    if (control !== undefined) return [control];
    return this.submissions.take(maxBytes, number).map(encodeCommand);
  }

  deliver(delivery: Delivery): void {
    switch (delivery.kind) {
      case 'configuration':
        this.endRound();
        if (delivery.configuration === 'regular') this.beginRound(delivery.ring, delivery.members);
        return;
      case 'ordered':
        if (!delivery.transitional || this.mutations.appliesInTransitional === true) this.receive(delivery);
        return;
      case 'stable':
        if (this.round !== undefined && sameRing(delivery.ring, this.round.ring)) {
          this.round.stable = Math.max(this.round.stable, delivery.seq);
          this.advance(this.round);
        }
        return;
      case 'readPoint':
        if (this.round !== undefined && sameRing(delivery.ring, this.round.ring)) {
          this.confirmed.push({ reads: delivery.reads, need: delivery.need });
          this.advance(this.round);
        }
        return;
      case 'unordered':
        // Submissions finds in the log what was lost; control messages were for the old ring.
        return;
    }
  }

  persisted(write: number): void {
    const seq = this.order.persisted(write);
    const { round } = this;
    if (round === undefined) return;
    this.sendState(round);
    if (round.adopted && !round.isReady) this.becomeReady(round);
    if (seq !== undefined) this.effects.push({ kind: 'durable', ring: round.ring, seq });
    this.advance(round);
  }

  receiveCatchUp(from: MemberId, body: ReplicationBody): void {
    const { round } = this;
    if (round?.history === undefined || !sameRing(body.ring, round.ring)) return;
    if (body.type === 'fetch') this.serveFetch(round, from, body);
    else this.receiveEntries(round, body);
  }

  fetchTimer(): void {
    if (this.round?.history !== undefined && !this.round.adopted) this.fetch(this.round);
  }

  /** Forgets entries up to here, which must be committed. */
  trim(upTo: Position): void {
    this.log.trim(Math.min(upTo, this.committedUpTo));
  }

  takeEffects(): ReplicationEffect[] {
    const taken = this.effects;
    this.effects = [];
    return taken;
  }

  /** For people: JSON-safe. */
  status(): Readonly<Record<string, unknown>> {
    const { round, log } = this;
    const missing = round === undefined || round.history !== undefined ? [] : this.waitsFor(round);
    return {
      serving: this.serving,
      committed: this.committedUpTo,
      length: log.length,
      base: log.base,
      ready: [...(round?.ready ?? [])],
      submissions: this.submissions.size,
      ...(missing.length === 0 ? {} : { waitsFor: missing }),
    };
  }

  private beginRound(ring: RingId, members: readonly Processor[]): void {
    assert(
      this.accepted === undefined || compareRings(ring, this.accepted) > 0,
      'a ring is newer than any that was accepted before',
    );
    this.order.begin();
    this.round = {
      ring,
      members,
      states: new Map(),
      ready: new Set(),
      stateSent: false,
      history: undefined,
      adopted: false,
      adoptWrite: 0,
      isReady: false,
      opened: false,
      buffered: [],
      stable: 0,
      fetches: 0,
    };
    this.effects.push({ kind: 'count', ring, members: [] });
    this.sendState(this.round);
  }

  /** Nothing is committed and nobody answered until the next ring serves. Reads begin again there. */
  private endRound(): void {
    if (this.mutations.acceptsStaleControl !== true) this.controls = [];
    this.confirmed.splice(0);
    if (this.mutations.appliesInTransitional !== true) this.round = undefined;
  }

  /** What a STATE tells must be on disk. */
  private sendState(round: Round): void {
    if (round.stateSent || !this.order.idle) return;
    round.stateSent = true;
    const { accepted, log } = this;
    this.control({
      kind: 'state',
      for: round.ring,
      accepted,
      base: log.base,
      length: log.length,
      runs: log.runs(),
    });
  }

  private control(control: Control): void {
    this.controls.push(encodeControl(control));
    this.effects.push({ kind: 'submitted' });
  }

  /** One place in the ring's order. */
  private receive({ seq, messages, ring }: Extract<Delivery, { kind: 'ordered' }>): void {
    const { round } = this;
    if (round === undefined || !sameRing(ring, round.ring)) return;
    for (const { origin, number, payloads } of messages) {
      const commands: Uint8Array[] = [];
      for (const payload of payloads) {
        const content = decodePayload(payload);
        if (content.kind === 'command') commands.push(content.command);
        else this.receiveControl(round, origin, content);
      }
      if (commands.length === 0) continue;
      const incarnation = round.members.find(({ id }) => id === origin)?.incarnation ?? 0;
      this.receiveCommands(round, { ring, seq, origin, incarnation, number, commands });
    }
    if (this.mutations.acksBeforeDurable === true) this.effects.push({ kind: 'durable', ring, seq });
    else {
      const durable = this.order.received(seq);
      if (durable !== undefined) this.effects.push({ kind: 'durable', ring, seq: durable });
    }
    if (this.mutations.commitsOnReceipt === true) round.stable = seq;
    this.advance(round);
  }

  private receiveControl(round: Round, from: MemberId, control: Control): void {
    // Sent in one ring and delivered in another, it says nothing about this one.
    if (!sameRing(control.for, round.ring) && this.mutations.acceptsStaleControl !== true) return;
    if (control.kind === 'ready') {
      this.receiveReady(round, from);
      return;
    }
    round.states.set(from, control);
    if (round.states.size === round.members.length && round.history === undefined) this.exchange(round);
  }

  private receiveReady(round: Round, from: MemberId): void {
    const wasPrimary = this.isPrimary(round);
    round.ready.add(from);
    this.effects.push({ kind: 'count', ring: round.ring, members: [...round.ready] });
    if (!wasPrimary && this.isPrimary(round)) this.effects.push({ kind: 'primary', ring: round.ring });
    this.open(round);
  }

  private open(round: Round): void {
    if (round.opened || !this.serving) return;
    round.opened = true;
    if (this.submissions.waitingBytes > 0) this.effects.push({ kind: 'submitted' });
    for (const id of this.reads) this.effects.push({ kind: 'read', id });
  }

  /** A majority of the configured members; readers of the log elsewhere rest on it being the same everywhere. */
  private isPrimary(round: Round): boolean {
    return round.ready.size >= (this.mutations.primaryAfterOneReady === true ? 1 : this.options.majority);
  }

  /** All states are here: the history that wins is taken over. */
  private exchange(round: Round): void {
    const history = chooseHistory(round.states, this.options.majority, this.mutations);
    if (history === undefined) return;
    round.history = history;
    const mine = this.log.length;
    const isDonor = history.donor === this.options.me.id;
    const shared = isDonor ? mine : sharedLength(this.log.runs(), history.runs);
    if (shared < history.base) {
      this.effects.push({ kind: 'snapshotNeeded', from: history.donor, atLeast: history.base });
      return;
    }
    if (shared < mine) this.cut(shared);
    this.adoptOrFetch(round, history);
  }

  private cut(after: Position): void {
    assert(after >= this.committedUpTo, 'what is committed is never taken back');
    this.log.cut(after);
    this.submissions.cut(after);
    this.persist([{ kind: 'cut', after }]);
  }

  private adoptOrFetch(round: Round, history: History): void {
    if (this.log.length < history.length) this.fetch(round);
    else this.adopt(round);
  }

  /** From the donor first, then from whoever is ready. */
  private fetch(round: Round): void {
    const { me } = this.options;
    const donor = round.history?.donor ?? me.id;
    const holders = [donor, ...[...round.ready].filter((id) => id !== donor && id !== me.id)];
    const to = holders[round.fetches++ % holders.length] as MemberId;
    this.effects.push({
      kind: 'reply',
      to,
      body: { type: 'fetch', ring: round.ring, after: this.log.length },
    });
    this.effects.push({ kind: 'fetchTimer', delayMs: FETCH_MS });
  }

  private serveFetch(round: Round, to: MemberId, { after }: Fetch): void {
    const { history } = round;
    if (!round.adopted || history === undefined || after < this.log.base) return;
    const entries = this.log.entries(after, history.length, CATCH_UP_BYTES);
    if (entries.length === 0) return;
    this.effects.push({ kind: 'reply', to, body: { type: 'entries', ring: round.ring, after, entries } });
  }

  /**
   * A part of the history. My log is a beginning of the donor's from now on, whatever interrupts this: nothing is
   * accepted before all of it is here.
   */
  private receiveEntries(round: Round, { after, entries }: Entries): void {
    const { history } = round;
    if (round.adopted || history === undefined || after !== this.log.length) return;
    for (const entry of entries) this.append(entry);
    this.persist(entries.map((entry) => ({ kind: 'entry', entry })));
    round.fetches = 0;
    this.adoptOrFetch(round, history);
  }

  private adopt(round: Round): void {
    round.adopted = true;
    this.accepted = round.ring;
    const records: LogRecord[] = [{ kind: 'accept', ring: round.ring }];
    for (const entry of round.buffered.splice(0)) {
      this.append(entry);
      records.push({ kind: 'entry', entry });
    }
    this.submissions.requeueLost();
    round.adoptWrite = this.persist(records);
    if (this.mutations.readyBeforeDurable === true) this.becomeReady(round);
  }

  /** What was adopted is on disk; so is everything that this member has acknowledged in this ring. */
  private becomeReady(round: Round): void {
    const durable = this.order.isFinished(round.adoptWrite);
    if (!durable && this.mutations.readyBeforeDurable !== true) return;
    round.isReady = true;
    this.control({ kind: 'ready', for: round.ring });
    this.open(round);
  }

  /** Before the log is adopted, what the ring orders is kept in memory: it counts for nothing until READY. */
  private receiveCommands(round: Round, entry: LogEntry): void {
    if (!round.adopted) {
      round.buffered.push(entry);
      return;
    }
    this.append(entry);
    this.persist([{ kind: 'entry', entry }]);
  }

  private append(entry: LogEntry): void {
    this.log.append(entry);
    this.submissions.appended(entry, this.log.length);
  }

  private persist(records: readonly LogRecord[]): number {
    const write = this.order.write();
    this.effects.push({ kind: 'persist', write, records });
    return write;
  }

  /** Commits what may be committed, and answers. */
  private advance(round: Round): void {
    if (!round.isReady || !this.isPrimary(round) || round.history === undefined) return;
    const stable = this.log.endOf(round.ring, round.stable) ?? 0;
    const upTo = Math.max(round.history.length, stable);
    if (upTo > this.committedUpTo) {
      const first = this.committedUpTo + 1;
      this.committedUpTo = upTo;
      this.effects.push({ kind: 'committed', first, commands: this.log.commands(first, upTo) });
      for (const { ticket, position } of this.submissions.committed(first - 1, upTo)) {
        this.effects.push({ kind: 'answered', ticket, position });
      }
    }
    this.answerReads(round);
  }

  private answerReads(round: Round): void {
    if (!this.serving) return;
    while (this.confirmed.length > 0 && (this.confirmed[0] as { need: number }).need <= round.stable) {
      for (const ticket of this.confirmed.shift()?.reads ?? []) {
        const at = this.reads.indexOf(ticket);
        if (at < 0) continue;
        this.reads.splice(at, 1);
        this.effects.push({ kind: 'readable', ticket, position: this.committedUpTo });
      }
    }
  }

  /** Members whose states would make a majority possible. */
  private waitsFor(round: Round): MemberId[] {
    return this.options.configured.filter((id) => round.states.get(id)?.accepted === undefined);
  }
}

/** For hosts that reject instead of waiting. */
export function notServing(): CodedError {
  return new CodedError('NotReady', 'This member is not in a ring with a majority');
}
