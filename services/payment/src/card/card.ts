/** A payment card as its holder types it. Lives in memory only: it is never stored, logged or put in an error. */
export interface Card {
  /** 1–64 characters. */
  readonly holderName: string;
  /** 12–19 digits; spaces and hyphens between them are allowed. */
  readonly number: string;
  /** 1–12. The card is good until the end of this month, UTC. */
  readonly expiryMonth: number;
  /** Four digits, such as 2030. */
  readonly expiryYear: number;
  /** Three digits, or four for American Express. Text, because it may start with a zero. */
  readonly securityCode: string;
}
