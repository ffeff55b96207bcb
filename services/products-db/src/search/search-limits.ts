/** How much a page may look at, however common the words are. */
export interface SearchWork {
  /** Rows of each word that the first round of a walk looks at: enough, unless filters are picky. */
  readonly firstWindow: number;
  /** Rows of each word that later rounds look at. */
  readonly walkWindow: number;
  /** Rounds of a walk; then the page is handed out as it is, perhaps short, with a cursor that goes on. */
  readonly walkRounds: number;
  /**
   * Items that are ranked against each other: the newest that match a word, as many for each word, so that
   * the sum stays below this.
   */
  readonly rankedItems: number;
  /**
   * Words of the shop that one prefix may stand for, at most 16; with more, the newest items are looked
   * through instead.
   */
  readonly prefixWords: number;
}

export const SEARCH_WORK: SearchWork = {
  firstWindow: 250,
  walkWindow: 2_000,
  walkRounds: 6,
  rankedItems: 5_000,
  prefixWords: 16,
};
