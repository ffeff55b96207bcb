import type { MemberId, Processor } from '../model/processor.ts';
import { sameProcessors } from '../model/processor.ts';
import type { Commit, Join } from '../wire/bodies.ts';
import { createCommit, joinCommit } from './commit.ts';
import type { GatherPhase, GroupState } from './group-state.ts';

/** Leaves the ring, for good: its token is never passed on again, which is what the safety of the next one rests on. */
export function enterGather(state: GroupState, reason: string, booting: boolean = false): void {
  state.engine.halt();
  cancelTimers(state);
  state.counters.gathers++;
  state.counters.lastGather = reason;
  state.processors.add(state.me);
  const phase: GatherPhase = { name: 'gather', consensus: new Set([state.me.id]), booting };
  state.phase = phase;
  sendJoin(state);
  state.outbox.setTimer('join', state.settings.joinMs);
  state.outbox.setTimer('consensus', state.settings.consensusMs);
  if (!booting) tryConsensus(state, phase);
}

/** Those that the next ring is to have. */
export function candidates(state: GroupState): Processor[] {
  return state.processors.list().filter((processor) => !state.failed.has(processor));
}

export function gatherReceivesJoin(state: GroupState, phase: GatherPhase, from: Processor, join: Join): void {
  const { processors, failed } = state;
  if (state.failed.has(from)) return;
  if (processors.equals(join.processors) && failed.equals(join.failed)) {
    phase.consensus.add(from.id);
    if (!phase.booting) tryConsensus(state, phase);
    return;
  }
  // Knows less than I do: my own JOIN, which is repeated, tells it.
  if (processors.containsAll(join.processors) && failed.containsAll(join.failed)) return;
  mergeJoin(state, from, join);
  enterGather(state, `member ${from.id} knows more`);
}

/**
 * Who takes me for failed has failed for me. Of an earlier life of mine everybody may say so: unless I said it too, our
 * sets would never be equal.
 */
export function mergeJoin(state: GroupState, from: Processor, join: Join): void {
  const known = ({ id }: Processor): boolean => state.configured.includes(id);
  state.processors.add(from);
  state.processors.merge(join.processors.filter(known));
  if (takesForFailed(join, state.me)) state.failed.add(from);
  else state.failed.merge(join.failed.filter(known));
}

export function takesForFailed(join: Join, { id, incarnation }: Processor): boolean {
  return join.failed.some((failed) => failed.id === id && failed.incarnation >= incarnation);
}

/** The whole of the candidates agrees: the one with the lowest id begins the new ring. */
export function tryConsensus(state: GroupState, phase: GatherPhase): void {
  const members = candidates(state);
  const agreed = members.every(({ id }) => phase.consensus.has(id));
  if (agreed && members[0]?.id === state.me.id) createCommit(state, members);
}

export function consensusTimer(state: GroupState, phase: GatherPhase): void {
  const silent = candidates(state).filter(({ id }) => !phase.consensus.has(id));
  state.failed.merge(silent);
  if (silent.length > 0) {
    enterGather(state, `no agreement with ${silent.map(({ id }) => id).join()}`);
    return;
  }
  // All agree, but no commit token came: a period more, in which all have to agree again.
  const everybody: GatherPhase = { name: 'gather', consensus: phase.consensus, booting: false };
  state.phase = everybody;
  if (candidates(state)[0]?.id === state.me.id) tryConsensus(state, everybody);
  if (state.phase !== everybody) return;
  state.phase = { name: 'gather', consensus: new Set([state.me.id]), booting: false };
  sendJoin(state);
  state.outbox.setTimer('consensus', state.settings.consensusMs);
}

export function gatherReceivesCommit(state: GroupState, from: MemberId, commit: Commit): void {
  const { promised, me, mutations } = state;
  const isNew = commit.ring.seq > promised || mutations.acceptsOldCommit === true;
  const place = commit.members.findIndex(({ id }) => id === me.id);
  const isMine = commit.rotation === 1 && place > 0 && commit.entries.length === place;
  const cameFrom = commit.members[place - 1]?.id;
  if (!isNew || !isMine || cameFrom !== from || !sameProcessors(commit.members, candidates(state))) return;
  joinCommit(state, commit);
}

export function sendJoin(state: GroupState, leaving: boolean = false): void {
  const processors = state.processors.list();
  const failed = leaving ? [state.me] : state.failed.list();
  const { maxRing, promised } = state;
  state.outbox.send(state.others, { type: 'join', processors, failed, maxRing, promised, leaving });
}

export function cancelTimers(state: GroupState): void {
  for (const timer of ['join', 'consensus', 'formRetransmit', 'formLoss', 'beacon'] as const) {
    state.outbox.cancelTimer(timer);
  }
}
