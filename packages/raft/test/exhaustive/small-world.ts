import { createHash } from 'node:crypto';
import type { Random } from '@everopen/core';
import {
  foundingState,
  RaftCore,
  type Entry,
  type MemberId,
  type Message,
  type RaftMutations,
  type Term,
} from '../../src/index.ts';
import { describeEntry, describeMessage } from '../simulation/describe-message.ts';
import { StoredLog } from '../simulation/stored-log.ts';
import { numberedCommand } from '../simulation/counting-machine.ts';
import { Violation } from '../simulation/invariants.ts';

const MEMBERS: readonly MemberId[] = [1, 2, 3];
/** Only these stand for election: by symmetry, it does not matter who they are. */
const CANDIDATES: readonly MemberId[] = [1, 2];
const TERMS_MAX = 2;
const ENTRIES_MAX = 2;

/** Without timeouts nothing is left to chance. */
const NO_RANDOM: Random = {
  uint32: () => 0,
  float: () => 0,
  below: () => 0,
  chance: () => false,
  pick: (items) => items[0] as (typeof items)[number],
  fill: (bytes) => bytes,
};

interface Member {
  core: RaftCore;
  readonly stored: StoredLog;
}

/** One step: who does what. A message that is never delivered is lost. */
export type Move =
  | { readonly kind: 'campaign' | 'propose' | 'crash'; readonly member: MemberId }
  | { readonly kind: 'deliver'; readonly at: number };

/**
 * Three members, two terms, two entries: small enough to look at every order of events. Elections begin at any
 * time, messages arrive in any order or never, members may crash at any time; each write is finished before the next event.
 */
export class SmallWorld {
  /** Never changed: a member that does something is replaced by one that has done it. */
  private members: readonly Member[];
  private inFlight: readonly Message[] = [];
  private leaders: readonly (readonly [Term, MemberId])[] = [];
  private committed: readonly Entry[] = [];
  private crashesLeft: number;
  private readonly mutations: RaftMutations;

  constructor({ crashes, mutations = {} }: { readonly crashes: number; readonly mutations?: RaftMutations }) {
    this.crashesLeft = crashes;
    this.mutations = mutations;
    const founding = foundingState({ voters: MEMBERS, learners: [] });
    this.members = MEMBERS.map((id) => {
      const stored = new StoredLog(founding);
      return { stored, core: this.boot(id, stored) };
    });
  }

  moves(): Move[] {
    const moves: Move[] = this.inFlight.map((_, at) => ({ kind: 'deliver', at }));
    for (const member of MEMBERS) {
      const { core } = this.of(member);
      const { role, term } = core.status;
      if (CANDIDATES.includes(member) && term < TERMS_MAX && role !== 'leader')
        moves.push({ kind: 'campaign', member });
      if (role === 'leader' && core.log.lastIndex < ENTRIES_MAX) moves.push({ kind: 'propose', member });
      if (this.crashesLeft > 0 && term > 0) moves.push({ kind: 'crash', member });
    }
    return moves;
  }

  /** The world after a move; this one stays as it is. */
  after(move: Move): SmallWorld {
    const world = Object.assign(Object.create(SmallWorld.prototype) as SmallWorld, this);
    world.play(move);
    return world;
  }

  private play(move: Move): void {
    const message = move.kind === 'deliver' ? this.inFlight[move.at] : undefined;
    const id = move.kind === 'deliver' ? (message as Message).to : move.member;
    const member = copied(this.of(id));
    this.members = this.members.with(id - 1, member);
    if (message !== undefined) {
      this.inFlight = this.inFlight.filter((other) => other !== message);
      member.core.step(message);
    }
    if (move.kind === 'campaign') member.core.campaign();
    if (move.kind === 'propose') member.core.propose(numberedCommand(id));
    if (move.kind === 'crash') {
      this.crashesLeft--;
      member.stored.crash(() => 0);
      member.core = this.boot(id, member.stored);
    }
    this.settle(id);
  }

  /** Two worlds with one fingerprint go on alike. */
  fingerprint(): string {
    const { leaders, committed, crashesLeft } = this;
    const members = this.members.map(fingerprintOf);
    const inFlight = this.inFlight.map(describeMessage).sort();
    const text = JSON.stringify({ members, inFlight, leaders, committed, crashesLeft });
    return createHash('md5').update(text).digest('base64');
  }

  private of(id: MemberId): Member {
    return this.members[id - 1] as Member;
  }

  private boot(id: MemberId, stored: StoredLog): RaftCore {
    const limits = { appendMaxEntries: 1, commandMaxBytes: 4 };
    return new RaftCore({
      id,
      restored: stored.onDisk,
      random: NO_RANDOM,
      limits,
      mutations: this.mutations,
    });
  }

  /** Turns and writes until the member has nothing left to do. */
  private settle(id: MemberId): void {
    const { core, stored } = this.of(id);
    for (let isDue = true; isDue;) {
      const { persist, messages } = core.takeReady();
      isDue = persist !== undefined;
      if (persist !== undefined) {
        stored.write(persist);
        stored.finishOne();
        core.persisted(persist.seq);
      }
      this.send(messages);
    }
    this.check(id);
  }

  /** What repeats another message, or only says that there is nothing to say, might as well be lost. */
  private send(messages: readonly Message[]): void {
    const known = new Set(this.inFlight.map(describeMessage));
    const news = messages.filter((message) => !isIdle(message) && !known.has(describeMessage(message)));
    // What its receiver would drop goes, too.
    this.inFlight = [...this.inFlight, ...news].filter(
      ({ to, term, type }) => type === 'append' || term >= this.of(to).core.status.term,
    );
  }

  private check(id: MemberId): void {
    const { core } = this.of(id);
    const { role, term, commit } = core.status;
    if (role === 'leader') {
      const known = this.leaders.find(([leaderTerm]) => leaderTerm === term);
      if (known === undefined) this.leaders = [...this.leaders, [term, id]];
      else if (known[1] !== id)
        throw new Violation(`Election safety: ${known[1]} and ${id} lead in term ${term}`);
    }
    // A leader of an earlier term, who does not know that it is over, need not have everything.
    const isNewest = role === 'leader' && term >= (this.committed.at(-1)?.term ?? 0);
    for (let index = 1; index <= Math.max(commit, isNewest ? this.committed.length : 0); index++) {
      const mine = core.log.entryAt(index);
      const known = this.committed[index - 1];
      if (known === undefined && mine !== undefined) this.committed = [...this.committed, mine];
      else if (mine === undefined || describeEntry(mine) !== describeEntry(known as Entry)) {
        throw new Violation(
          `Leader completeness: ${id} lacks the committed ${describeEntry(known as Entry)}`,
        );
      }
    }
  }
}

function isIdle(message: Message): boolean {
  if (message.type === 'append') return message.entries.length === 0;
  return message.type === 'heartbeat' || (message.type === 'voteAnswer' && !message.granted);
}

const fingerprints = new WeakMap<Member, string>();

function fingerprintOf(member: Member): string {
  const known = fingerprints.get(member) ?? JSON.stringify(member, withoutConstants);
  fingerprints.set(member, known);
  return known;
}

/** What is the same in all worlds, or cannot differ when the rest does not. */
function withoutConstants(key: string, value: unknown): unknown {
  if (key === 'limits' || key === 'random' || key === 'mutations' || key === 'outbox' || key === 'options')
    return undefined;
  // How often something happened is not what there is.
  if (/^(nextSeq|persistedSeq|hardStateSeq|bytes|baseBytes|ticks|inflightBytes)$/.test(key)) return undefined;
  return value instanceof Map ? [...(value as Map<unknown, unknown>)] : value;
}

/** A deep copy that keeps classes, and shares what never changes. */
function copied<T>(value: T): T {
  if (
    typeof value !== 'object' ||
    value === null ||
    value instanceof Uint8Array ||
    Object.is(value, NO_RANDOM)
  )
    return value;
  if (Array.isArray(value)) return value.map(copied) as T;
  if (value instanceof Map)
    return new Map([...(value as Map<unknown, unknown>)].map(([k, v]) => [k, copied(v)])) as T;
  const copy = Object.create(Object.getPrototypeOf(value) as object) as Record<string, unknown>;
  for (const [key, held] of Object.entries(value)) copy[key] = copied(held);
  return copy as T;
}
