import { CodedError } from '@everopen/core';

/** A configured member's number, 1 … 65,535. 0 means nobody. */
export type MemberId = number;

/**
 * One life of a member. Every start has a higher incarnation than all before, so two lives of one member are
 * two processors, and nothing said to the one is taken for said to the other.
 */
export interface Processor {
  readonly id: MemberId;
  readonly incarnation: number;
}

export function sameProcessor(a: Processor | undefined, b: Processor | undefined): boolean {
  return a?.id === b?.id && a?.incarnation === b?.incarnation;
}

/** Same processors in the same order. */
export function sameProcessors(a: readonly Processor[], b: readonly Processor[]): boolean {
  return a.length === b.length && a.every((processor, i) => sameProcessor(processor, b[i]));
}

/** Members of a group: bitmaps on the wire have 16 bits. */
export const MEMBERS_MAX = 16;
const ID_MAX = 65_535;

/** Throws `InvalidArgument` unless these are the ids of a group that `me` belongs to, in ascending order. */
export function checkMembers(configured: readonly MemberId[], me: MemberId): void {
  const isId = (id: MemberId): boolean => Number.isInteger(id) && id >= 1 && id <= ID_MAX;
  const ascending = configured.every(
    (id, i) => isId(id) && (i === 0 || id > (configured[i - 1] as MemberId)),
  );
  if (!ascending || configured.length > MEMBERS_MAX || !configured.includes(me)) {
    throw new CodedError(
      'InvalidArgument',
      `Members ${configured.join()} for member ${me}: 1 to ${MEMBERS_MAX} different ids from 1 to ${ID_MAX}, ascending, its own among them`,
    );
  }
}
