/**
 * The shop's limits. Enforced at the servers, where the field can be named to the person who typed it, and
 * again in the state machines, which trust nobody. Changing one that a state machine checks changes what
 * `apply` decides, so it needs a new feature level.
 */
export const LIMITS = {
  usernameMaxChars: 32,
  displayNameMaxChars: 32,
  passwordMinChars: 8,
  passwordMaxChars: 1024,
  sessionIdleMs: 5 * 60_000,
  /** Activity is stamped in the session at most this often. */
  sessionStampMs: 30_000,
  sessionsPerAccount: 20,
  sessionLabelMaxChars: 64,

  itemNameMaxChars: 32,
  categories: 10,
  keywordsPerItem: 5,
  keywordMaxChars: 8,
  /** 10 million in the main unit of most currencies. */
  priceMaxMinor: 1_000_000_000,
  unitsPerItem: 1_000_000,
  itemsPerSeller: 100_000,

  /** So that a purchase of the longest names in the largest numbers still fits into one command. */
  cartLines: 80,
  unitsPerCartLine: 10_000,
  /** Open reservations of one account: nobody can empty the shop without paying. */
  openOrdersPerBuyer: 5,
  reservedUnitsPerBuyer: 20_000,
  /** What an order or tombstone keeps of its refusal beside the code: room for every line of a full cart. */
  refusalDetailsMaxBytes: 8 * 1024,

  searchKeywords: 5,
  searchTextMaxChars: 64,
  searchTextWords: 5,
  pageMax: 100,
  pageDefault: 20,

  /** One command of the log, encoded. */
  commandMaxBytes: 16 * 1024,
  requestBodyMaxBytes: 64 * 1024,
  requestDepthMax: 16,
} as const;
