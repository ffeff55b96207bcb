import { CodedError } from '@everopen/core';
import type { Position } from '../log/ordered-log.ts';
import type { Consistency } from './replica.ts';

const FORM = /^(\d{1,10}):(\d{1,15})$/;

/** "epoch:position". */
export function formatPositionToken(epoch: number, position: Position): string {
  return `${epoch}:${position}`;
}

/**
 * What a client's token asks for. Positions of another epoch (before a backup was restored) say nothing
 * about this log, so their bearer gets the strongest read instead.
 */
export function parsePositionToken(epoch: number, token: string): Consistency {
  const [, tokenEpoch, position] = FORM.exec(token) ?? [];
  if (tokenEpoch === undefined || position === undefined) {
    throw new CodedError('InvalidArgument', 'Not a position token', { details: { field: 'position' } });
  }
  if (Number(tokenEpoch) !== epoch) return { level: 'linearizable' };
  return { level: 'session', atLeast: Number(position) };
}
