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
