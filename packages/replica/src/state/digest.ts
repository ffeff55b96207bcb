import type { RowHash } from './row-hash.ts';

const WORD = 2 ** 32;

/**
 * A sum of row hashes modulo 2^64: adding and removing a row are each constant work, and the order in which
 * rows came does not matter (Bellare and Micciancio's AdHash, with a small non-cryptographic hash).
 */
export class Digest {
  private low = 0;
  private high = 0;

  add(hash: RowHash): void {
    const low = this.low + hash.low;
    const carry = low >= WORD ? 1 : 0;
    this.low = low - carry * WORD;
    this.high = (this.high + hash.high + carry) % WORD;
  }

  subtract(hash: RowHash): void {
    const low = this.low - hash.low;
    const borrow = low < 0 ? 1 : 0;
    this.low = low + borrow * WORD;
    this.high = (this.high - hash.high - borrow + 2 * WORD) % WORD;
  }

  clear(): void {
    this.low = 0;
    this.high = 0;
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return hex(this.high) + hex(this.low);
  }

  /** The counterpart of `toString`. */
  set(text: string): void {
    this.high = Number.parseInt(text.slice(0, 8), 16);
    this.low = Number.parseInt(text.slice(8), 16);
  }
}

/** The digest of both sets of rows together, from the digests of each. */
export function addDigests(a: string, b: string): string {
  return BigInt.asUintN(64, BigInt(`0x${a}`) + BigInt(`0x${b}`))
    .toString(16)
    .padStart(16, '0');
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
