import { assert } from '../model/assert.ts';
import type { Streams } from '../model/item.ts';
import type { MemberId } from '../model/processor.ts';
import { includes, numbersOf, rangesOf, subtract, union, EMPTY, type Ranges } from '../model/ranges.ts';
import { indexOf, sameRing, type Ring } from '../model/ring.ts';
import type { Commit, CommitEntry, Recovered, Recovery } from '../wire/bodies.ts';
import type { GroupState, RecoveryPhase } from './group-state.ts';
import { install } from './install.ts';

/** Items asked for at once: their datagrams must fit into a receive buffer. */
const ITEMS_AT_ONCE = 64;

/**
 * Every member knows what every member holds. Those that come from one ring bring each other to the union of it; then each
 * says that it is done, and tells what it heard of the others, until everybody knows that everybody is. The paper sends
 * old messages inside of new ones and finds the end by counting rotations of a token; here the end is visible, and the
 * same for any ordering.
 */
export function enterRecovery(
  state: GroupState,
  ring: Ring,
  entries: readonly CommitEntry[],
  sent: { to: MemberId; commit: Commit } | undefined,
): void {
  const mates = entries.flatMap(({ oldRing }, i) => (sameRing(oldRing, state.ring.id) ? [i] : []));
  const phase: RecoveryPhase = {
    name: 'recovery',
    ring,
    entries,
    mates,
    missing: missingStreams(entries, mates, state.engine.holdings()),
    done: 0,
    attempt: 0,
    outstanding: 0,
    sent,
  };
  state.phase = phase;
  if (sent !== undefined) state.outbox.send([sent.to], sent.commit);
  state.outbox.setTimer('formRetransmit', state.settings.formRetransmitMs);
  state.outbox.setTimer('formLoss', state.settings.tokenLossMs);
  if (!proceed(state, phase)) sendRecovery(state, phase);
}

export function receiveRecovery(
  state: GroupState,
  phase: RecoveryPhase,
  from: MemberId,
  recovery: Recovery,
): void {
  if (!sameRing(recovery.ring, phase.ring.id)) return;
  // Who speaks of its recovery has got the commit token.
  if (phase.sent?.to === from) phase.sent = undefined;
  serve(state, phase, from, recovery.wanted);
  phase.done |= recovery.done;
  installIfAllDone(state, phase);
}

export function receiveRecovered(state: GroupState, phase: RecoveryPhase, recovered: Recovered): void {
  const { item } = recovered;
  const isMine = sameRing(recovered.ring, phase.ring.id) && sameRing(recovered.oldRing, state.ring.id);
  if (!isMine || !includes(phase.missing[item.stream] ?? EMPTY, item.seq)) return;
  state.engine.recovered(item);
  const received = rangesOf([item.seq]);
  phase.missing = phase.missing.map((ranges, i) => (i === item.stream ? subtract(ranges, received) : ranges));
  phase.outstanding--;
  if (!proceed(state, phase) && phase.outstanding <= 0) sendRecovery(state, phase);
}

/** The ring's own traffic proves that its sender has installed it, and so that all are done. */
export function everybodyIsDone(state: GroupState, phase: RecoveryPhase): void {
  phase.done = allDone(phase.ring);
  installIfAllDone(state, phase);
}

export function recoveryRetransmit(state: GroupState, phase: RecoveryPhase): void {
  if (phase.sent !== undefined) state.outbox.send([phase.sent.to], phase.sent.commit);
  sendRecovery(state, phase);
  state.outbox.setTimer('formRetransmit', state.settings.formRetransmitMs);
}

/** For one that is still recovering a ring that is installed here. */
export function answerLateRecovery(state: GroupState, from: MemberId): void {
  const ring = state.ring;
  state.outbox.send([from], { type: 'recovery', ring: ring.id, done: allDone(ring), wanted: [] });
}

/** True once this member is done. */
function proceed(state: GroupState, phase: RecoveryPhase): boolean {
  const bit = 1 << indexOf(phase.ring, state.me.id);
  if ((phase.done & bit) !== 0) return true;
  if (phase.missing.some((ranges) => ranges.length > 0)) return false;
  phase.done |= bit;
  // Done means: whatever happens now, I deliver this union. A later, smaller ring must not make me forget it.
  for (const i of phase.mates) {
    state.obligation.add((phase.ring.members[i] as { id: MemberId }).id);
    for (const id of (phase.entries[i] as CommitEntry).obligation) state.obligation.add(id);
  }
  sendRecovery(state, phase);
  installIfAllDone(state, phase);
  return true;
}

function installIfAllDone(state: GroupState, phase: RecoveryPhase): void {
  if (state.phase !== phase) return;
  const isDone = phase.missing.every((ranges) => ranges.length === 0);
  const early = state.mutations.installsBeforeAllDone === true && isDone;
  if (phase.done !== allDone(phase.ring) && !early) return;
  assert(isDone, 'all are done only if I am');
  install(state, phase);
}

function allDone(ring: Ring): number {
  return (1 << ring.members.length) - 1;
}

/** To each member what is known, and to each that has it, a request for a part of what is missing. */
function sendRecovery(state: GroupState, phase: RecoveryPhase): void {
  const wanted = requests(state, phase);
  for (const { id } of phase.ring.members) {
    if (id === state.me.id) continue;
    state.outbox.send([id], {
      type: 'recovery',
      ring: phase.ring.id,
      done: phase.done,
      wanted: wanted.get(id) ?? [],
    });
  }
}

function requests(state: GroupState, phase: RecoveryPhase): ReadonlyMap<MemberId, Streams> {
  const wanted = new Map<MemberId, number[][]>();
  phase.outstanding = 0;
  phase.attempt++;
  for (const [stream, ranges] of phase.missing.entries()) {
    for (const seq of numbersOf(ranges, ITEMS_AT_ONCE - phase.outstanding)) {
      const holders = phase.mates.filter((i) => holds(phase.entries[i] as CommitEntry, stream, seq));
      const holder = holders[(phase.attempt + seq) % holders.length];
      assert(holder !== undefined, 'somebody holds what belongs to the union');
      const { id } = phase.ring.members[holder] as { id: MemberId };
      assert(id !== state.me.id, 'nobody lacks what it holds');
      const streams = wanted.get(id) ?? phase.missing.map(() => []);
      (streams[stream] as number[]).push(seq);
      wanted.set(id, streams);
      phase.outstanding++;
    }
  }
  return new Map([...wanted].map(([id, streams]) => [id, streams.map((numbers) => rangesOf(numbers))]));
}

function serve(state: GroupState, phase: RecoveryPhase, to: MemberId, wanted: Streams): void {
  for (const [stream, ranges] of wanted.entries()) {
    for (const seq of numbersOf(ranges, ITEMS_AT_ONCE)) {
      const item = state.engine.item(stream, seq);
      if (item === undefined) continue;
      state.outbox.send([to], { type: 'recovered', ring: phase.ring.id, oldRing: state.ring.id, item });
    }
  }
}

function missingStreams(entries: readonly CommitEntry[], mates: readonly number[], held: Streams): Streams {
  return held.map((mine, stream) => {
    let all: Ranges = mine;
    for (const i of mates) all = union(all, entries[i]?.held[stream] ?? EMPTY);
    return subtract(all, mine);
  });
}

function holds(entry: CommitEntry, stream: number, seq: number): boolean {
  return includes(entry.held[stream] ?? EMPTY, seq);
}
