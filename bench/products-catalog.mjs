/** A catalog such as the products benchmarks use: names of 2 to 4 words and keywords, common ones very common. */
import { encodeCommand } from '@everopen/products-db';
import { seededRandom } from '@everopen/core';

const SYLLABLES = [
  'ba',
  'co',
  'di',
  'fu',
  'ga',
  'ho',
  'ki',
  'lu',
  'ma',
  'no',
  'pe',
  'ri',
  'so',
  'tu',
  'va',
  'ze',
];
const VOCABULARY = 5_000;

export function createCatalog(seed = 1) {
  const random = seededRandom(seed);
  const words = Array.from({ length: VOCABULARY }, () =>
    Array.from({ length: 2 + random.below(2) }, () => random.pick(SYLLABLES)).join(''),
  );
  /** Zipf-like: the square of a uniform number, so that the first words are in many items. */
  const word = () => words[Math.floor(VOCABULARY * random.float() ** 3)];
  const some = (min, max) => Array.from({ length: min + random.below(max - min + 1) }, word);
  return {
    words,
    random,
    listItem: (sellers) => ({
      sellerId: 1 + random.below(sellers),
      name: some(2, 4).join(' ').slice(0, 32).trim(),
      category: random.below(10),
      keywords: some(1, 5),
      condition: 1 + random.below(2),
      priceMinor: 1 + random.below(100_000),
      currency: 'EUR',
      quantity: 1 + random.below(100),
    }),
  };
}

export const command = ($case, value) => encodeCommand({ $case, value });

/** Runs commands as the replica does; gives the changes of each. */
export function createRunner(machine, nowMs = Date.UTC(2027, 0, 1)) {
  let position = 0;
  return (payload) => {
    machine.tables.begin();
    try {
      machine.apply(payload, { position: ++position, nowMs, featureLevel: 0 });
    } catch (error) {
      machine.tables.rollback();
      throw error;
    }
    return machine.tables.commit();
  };
}
