/** A page looks at no more than this many rows of each kind, however common the words are. */
export const SEARCH_WORK = {
  /** Rows that one round of a walk looks at, from the second on. */
  walkWindow: 2_000,
  /** Rows that the first round looks at, which is enough unless filters are picky. */
  firstWindow: 250,
  /** Rounds of a walk; then the page is handed out as it is, perhaps short, with a cursor that goes on. */
  walkRounds: 6,
  /**
   * Items that are ranked against each other: the newest that match a word, as many for each word, so that
   * the sum stays below this.
   */
  rankedItems: 10_000,
  /** Words of the shop that one prefix may stand for; with more, the newest items are looked through instead. */
  prefixWords: 16,
} as const;
