import { isDisturbance, onPreVote, onPreVoteAnswer, onVote, onVoteAnswer } from './elections.ts';
import { onAppend, onHeartbeat } from './following.ts';
import type { Message } from './messages.ts';
import { send } from './persistence.ts';
import type { RaftState } from './raft-state.ts';
import { onAppendAccepted, onAppendRefused, onHeartbeatAnswer } from './replication.ts';
import { becomeFollower } from './roles.ts';
import { onSnapshot } from './snapshots.ts';
import { onTimeoutNow } from './transfer.ts';

/** One message from a peer: first the rules on terms (paper, §5.1), then those of its type. */
export function step(state: RaftState, message: Message): void {
  if (isDisturbance(state, message)) return;
  if (message.term > state.term && announcesTerm(message)) {
    becomeFollower(state, message.term, isFromLeader(message) ? message.from : 0);
  }
  if (message.term < state.term && state.mutations.acceptsOldTerms !== true) {
    return answerOldTerm(state, message);
  }
  handle(state, message);
}

/** A pre-vote speaks of a term that may never be, and so does its grant. */
function announcesTerm(message: Message): boolean {
  return message.type !== 'preVote' && !(message.type === 'preVoteAnswer' && message.granted);
}

function isFromLeader({ type }: Message): boolean {
  return type === 'append' || type === 'heartbeat' || type === 'snapshot';
}

/** A leader of the past hears that it is one; everything else from the past is dropped. */
function answerOldTerm(state: RaftState, message: Message): void {
  const { id, term } = state;
  if (isFromLeader(message)) {
    send(state, { type: 'staleTerm', from: id, to: message.from, term });
  } else if (message.type === 'preVote') {
    send(state, { type: 'preVoteAnswer', from: id, to: message.from, term, granted: false });
  }
}

function handle(state: RaftState, message: Message): void {
  switch (message.type) {
    case 'preVote':
      return onPreVote(state, message);
    case 'preVoteAnswer':
      return onPreVoteAnswer(state, message);
    case 'vote':
      return onVote(state, message);
    case 'voteAnswer':
      return onVoteAnswer(state, message);
    case 'append':
      return onAppend(state, message);
    case 'appendAccepted':
      return onAppendAccepted(state, message);
    case 'appendRefused':
      return onAppendRefused(state, message);
    case 'heartbeat':
      return onHeartbeat(state, message);
    case 'heartbeatAnswer':
      return onHeartbeatAnswer(state, message);
    case 'snapshot':
      return onSnapshot(state, message);
    case 'timeoutNow':
      return onTimeoutNow(state, message);
    case 'staleTerm':
      // Its term was all that it had to say.
      return;
  }
}
