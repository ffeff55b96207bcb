/** States what must be true for the protocol to be right. Stays on in production: better dead than wrong. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`Group invariant violated: ${invariant}`);
}
