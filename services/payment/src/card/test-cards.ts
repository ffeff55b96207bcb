/**
 * Card numbers whose outcome is forced, for demonstrations and tests. Every other valid card is decided by
 * the seeded draw. No network issues these numbers; any holder, future expiry and code of the right length do.
 */
export const TEST_CARDS = {
  approved: ['4111111111111111', '5555555555554444', '378282246310005'],
  declined: ['4000000000000002', '5105105105105100', '371449635398431'],
} as const;

/** The forced outcome of a card number (digits only); undefined if the draw decides. */
export function forcedOutcome(digits: string): 'charged' | 'declined' | undefined {
  if ((TEST_CARDS.approved as readonly string[]).includes(digits)) return 'charged';
  if ((TEST_CARDS.declined as readonly string[]).includes(digits)) return 'declined';
  return undefined;
}
