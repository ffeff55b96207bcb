import type { MemberId } from './types.ts';

/** How many voters make a majority. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** The largest value that a majority of the voters has reached. Without voters nothing is ever reached. */
export function quorumValue(voters: readonly MemberId[], valueOf: (member: MemberId) => number): number {
  if (voters.length === 0) return 0;
  const values = voters.map(valueOf).sort((a, b) => b - a);
  return values[majority(voters.length) - 1] as number;
}

/** Whether an election is decided by the votes cast so far. */
export function electionResult(
  voters: readonly MemberId[],
  votes: ReadonlyMap<MemberId, boolean>,
): 'won' | 'lost' | 'open' {
  const granted = voters.filter((member) => votes.get(member) === true).length;
  const refused = voters.filter((member) => votes.get(member) === false).length;
  if (granted >= majority(voters.length)) return 'won';
  if (voters.length - refused < majority(voters.length)) return 'lost';
  return 'open';
}
