import { CodedError } from '@everopen/core';
import { leaderOf, type LeaderRole, type RaftState } from './raft-state.ts';

/** The role of a leader; throws `NotReady`, with the leader's number if it is known, on any other member. */
export function requireLeader(state: RaftState): LeaderRole {
  if (state.role.name === 'leader') return state.role;
  const leader = leaderOf(state);
  throw notReady(leader === 0 ? 'No leader is known' : `Member ${leader} leads`, { leader });
}

export function notReady(message: string, details: Readonly<Record<string, unknown>> = {}): CodedError {
  return new CodedError('NotReady', message, { details });
}

export function overloaded(message: string, limit: number): CodedError {
  return new CodedError('Overloaded', message, { details: { limit } });
}

export function invalid(field: string, message: string): CodedError {
  return new CodedError('InvalidArgument', message, { details: { field } });
}
