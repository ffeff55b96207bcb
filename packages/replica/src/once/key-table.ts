const SLOTS_MIN = 1024;

/**
 * From 16-byte keys to the numbers of their records, where the keys themselves are: open addressing with
 * linear probing over four bytes a slot (a slot holds the low 32 bits of record number + 1; 0 is empty).
 * Deletion closes the gap by moving later entries of the run back (Knuth, TAOCP 3, 6.4, algorithm R), so
 * there are no tombstones. At most half full: 8 to 16 bytes a key.
 */
export class KeyTable {
  private slots = new Uint32Array(SLOTS_MIN);
  private count = 0;
  private readonly keyOf: (number: number) => Uint8Array;
  private readonly first: () => number;
  private readonly seed: number;

  /**
   * @param keyOf the key in the record of this number
   * @param first number of the oldest record; all numbers in use are within 2^32 − 1 of it
   * @param seed 32 random bits, so that nobody can choose keys that collide
   */
  constructor(keyOf: (number: number) => Uint8Array, first: () => number, seed: number) {
    this.keyOf = keyOf;
    this.first = first;
    this.seed = seed | 0;
  }

  find(key: Uint8Array): number | undefined {
    const mask = this.slots.length - 1;
    for (let slot = hashOf(key, this.seed) & mask; ; slot = (slot + 1) & mask) {
      const value = this.slots[slot] as number;
      if (value === 0) return undefined;
      const number = this.numberOf(value);
      if (equal(this.keyOf(number), key)) return number;
    }
  }

  /** The record must be readable, and its key must not be in the table. */
  add(number: number): void {
    if ((this.count + 1) * 2 > this.slots.length) this.resize(this.slots.length * 2);
    this.place(number);
    this.count++;
  }

  /** Call it while the record is still readable. */
  remove(number: number): void {
    const mask = this.slots.length - 1;
    const wanted = valueOf(number);
    let gap = hashOf(this.keyOf(number), this.seed) & mask;
    while (this.slots[gap] !== wanted) {
      if (this.slots[gap] === 0) throw new RangeError(`Record ${number} is not in the table`);
      gap = (gap + 1) & mask;
    }
    for (let slot = (gap + 1) & mask; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = hashOf(this.keyOf(this.numberOf(this.slots[slot] as number)), this.seed) & mask;
      // The entry may move back to the gap unless its home lies cyclically in (gap, slot].
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      this.slots[gap] = this.slots[slot] as number;
      gap = slot;
    }
    this.slots[gap] = 0;
    this.count--;
    if (this.slots.length > SLOTS_MIN && this.count * 8 < this.slots.length) {
      this.resize(this.slots.length / 2);
    }
  }

  private place(number: number): void {
    const mask = this.slots.length - 1;
    let slot = hashOf(this.keyOf(number), this.seed) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = valueOf(number);
  }

  private resize(slots: number): void {
    const old = this.slots;
    this.slots = new Uint32Array(slots);
    for (const value of old) if (value !== 0) this.place(this.numberOf(value));
  }

  /** The number near `first` that has this value. */
  private numberOf(value: number): number {
    const first = this.first();
    return first + ((value - valueOf(first) + VALUES) % VALUES);
  }
}

const VALUES = 2 ** 32 - 1;

/** 1 … 2^32 − 1. */
function valueOf(number: number): number {
  return (number % VALUES) + 1;
}

/** MurmurHash3's round over the four words, from a seed that nobody outside knows. */
function hashOf(key: Uint8Array, seed: number): number {
  let hash = seed;
  for (let at = 0; at < 16; at += 4) {
    let word =
      (key[at] as number) |
      ((key[at + 1] as number) << 8) |
      ((key[at + 2] as number) << 16) |
      ((key[at + 3] as number) << 24);
    word = Math.imul(word, 0xcc9e2d51);
    hash ^= Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 15; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}
