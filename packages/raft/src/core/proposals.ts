import { CodedError } from '@everopen/core';
import { isApplyingSlowly } from './commitment.ts';
import type { LeaderRole, RaftState } from './raft-state.ts';
import { notReady, overloaded, requireLeader } from './refusals.ts';
import type { Configuration, EntryPlace } from './types.ts';

/**
 * Appends a command to the leader's log. It is sent, and written, with the next `takeReady`. If the entry that
 * is one day committed at this index has another term, this one never will be.
 */
export function propose(state: RaftState, data: Uint8Array): EntryPlace {
  const { log, limits, commit } = state;
  const role = requireLeader(state);
  if (data.length > limits.commandMaxBytes) {
    throw new CodedError('PayloadTooLarge', `A command of ${data.length} bytes`, {
      details: { bytes: data.length, limit: limits.commandMaxBytes },
    });
  }
  refuseWhileTransferring(role);
  if (log.bytesBetween(commit, log.lastIndex) > limits.uncommittedMaxBytes) {
    throw overloaded('Too much waits to be committed', limits.uncommittedMaxBytes);
  }
  if (isApplyingSlowly(state)) throw overloaded('Too much waits to be applied', limits.unappliedMaxBytes);
  return appendOwn(state, { kind: 'command', data });
}

/** A leader that hands over takes nothing new, so that its successor can have everything (thesis, §3.10). */
export function refuseWhileTransferring({ transfer }: LeaderRole): void {
  if (transfer !== undefined) throw notReady('Leadership is being transferred', { leader: transfer.to });
}

export function appendOwn(
  { log, term }: RaftState,
  content:
    | { readonly kind: 'command'; readonly data: Uint8Array }
    | { readonly kind: 'configuration'; readonly configuration: Configuration },
): EntryPlace {
  const place: EntryPlace = { index: log.lastIndex + 1, term };
  log.append([{ ...place, ...content }]);
  return place;
}
