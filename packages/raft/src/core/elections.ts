import type { Message, MessageOf } from './messages.ts';
import { isHardStateDurable, send, sendAfterPersist } from './persistence.ts';
import { electionResult } from './quorum.ts';
import { isVoter, leaderOf, peersOf, setHardState, type RaftState } from './raft-state.ts';
import {
  becomeFollower,
  becomeLeader,
  enterTerm,
  hearsLeader,
  mayCampaign,
  restartElectionTimer,
} from './roles.ts';
import type { MemberId } from './types.ts';

/**
 * The election timeout has passed: ask first whether an election could be won (pre-vote; thesis, §9.6). A
 * member that was cut off does so again and again without disturbing anybody's term.
 */
export function campaignWithPreVote(state: RaftState): void {
  restartElectionTimer(state);
  if (!mayCampaign(state)) return;
  state.role = { name: 'preCandidate', votes: new Map([[state.id, true]]) };
  const { lastIndex, lastTerm } = state.log;
  for (const to of otherVoters(state)) {
    send(state, { type: 'preVote', from: state.id, to, term: state.term + 1, lastIndex, lastTerm });
  }
  countPreVotes(state);
}

/**
 * The real election (paper, §5.2): a new term, a vote for myself, and requests once both are on disk, and with
 * them the end of the log that the requests speak of. (A candidate that asked with a longer log in memory,
 * crashed and came back with a shorter one could count old grants in the same term.)
 */
export function campaign(state: RaftState, options: { readonly transfer: boolean }): void {
  if (!mayCampaign(state)) return;
  restartElectionTimer(state);
  enterTerm(state, state.term + 1, state.id);
  state.role = { name: 'candidate', votes: new Map() };
  const { lastIndex, lastTerm } = state.log;
  for (const to of otherVoters(state)) {
    const { transfer } = options;
    const request: Message = {
      type: 'vote',
      from: state.id,
      to,
      term: state.term,
      lastIndex,
      lastTerm,
      transfer,
    };
    if (state.mutations.voteRequestsBeforePersist === true) state.outbox.messages.push(request);
    else sendAfterPersist(state, request);
  }
}

/** A candidate's own vote counts like any other: when it is on disk. */
export function countOwnVote(state: RaftState): void {
  if (state.role.name !== 'candidate' || !isHardStateDurable(state)) return;
  state.role.votes.set(state.id, true);
  countVotes(state);
}

export function onPreVote(state: RaftState, message: MessageOf<'preVote'>): void {
  const granted = message.term > state.term && state.log.isUpToDate(message.lastIndex, message.lastTerm);
  // A grant speaks for the future term; a refusal tells mine, as the sender may be the one that is behind.
  const term = granted ? message.term : state.term;
  send(state, { type: 'preVoteAnswer', from: state.id, to: message.from, term, granted });
}

export function onPreVoteAnswer(state: RaftState, message: MessageOf<'preVoteAnswer'>): void {
  if (state.role.name !== 'preCandidate') return;
  if (message.granted && message.term !== state.term + 1) return;
  state.role.votes.set(message.from, message.granted);
  countPreVotes(state);
}

/**
 * RequestVote, receiver (paper, figure 2). One vote a term, and only for a log that is as up-to-date as mine is
 * in memory; so the answer waits until that much is on disk.
 */
export function onVote(state: RaftState, message: MessageOf<'vote'>): void {
  const { mutations, term, id } = state;
  const isFree = state.votedFor === message.from || (state.votedFor === 0 && leaderOf(state) === 0);
  const isUpToDate = state.log.isUpToDate(message.lastIndex, message.lastTerm);
  const granted =
    (isFree || mutations.votesTwice === true) && (isUpToDate || mutations.votesForOutdatedLogs === true);
  if (granted) {
    setHardState(state, { term, votedFor: message.from });
    becomeFollower(state, term, leaderOf(state));
  }
  const answer: Message = { type: 'voteAnswer', from: id, to: message.from, term, granted };
  if (mutations.votesBeforePersist === true) state.outbox.messages.push(answer);
  else sendAfterPersist(state, answer);
}

export function onVoteAnswer(state: RaftState, message: MessageOf<'voteAnswer'>): void {
  if (state.role.name !== 'candidate') return;
  state.role.votes.set(message.from, message.granted);
  countVotes(state);
}

/** Whether an election should not even be looked at, because a leader lives (thesis, §4.2.3). */
export function isDisturbance(state: RaftState, message: Message): boolean {
  if (message.type === 'preVote') return hearsLeader(state);
  return message.type === 'vote' && !message.transfer && hearsLeader(state);
}

function countPreVotes(state: RaftState): void {
  if (state.role.name !== 'preCandidate') return;
  const result = electionResult(state.log.configuration.voters, state.role.votes);
  if (result === 'won') campaign(state, { transfer: false });
  if (result === 'lost') becomeFollower(state, state.term, 0);
}

function countVotes(state: RaftState): void {
  if (state.role.name !== 'candidate') return;
  const result = electionResult(state.log.configuration.voters, state.role.votes);
  if (result === 'won') becomeLeader(state);
  if (result === 'lost') becomeFollower(state, state.term, 0);
}

function otherVoters(state: RaftState): MemberId[] {
  return peersOf(state).filter((peer) => isVoter(state, peer));
}
