/** Bytes of one block of the ring; a record never crosses into the next block. */
const BLOCK_BYTES = 256 * 1024;

interface Block {
  readonly bytes: Buffer;
  /** Sequence number of the block's first record. */
  readonly first: number;
  readonly offsets: number[];
  used: number;
}

/**
 * Records of bytes in the order in which they came: appended at one end, dropped at the other, read by
 * their number. They lie in large blocks, so that ten million records are a few thousand objects to the
 * garbage collector, and a whole block is given back when its last record is dropped.
 */
export class AnswerRing {
  private blocks: Block[] = [];
  private head = 0;
  private next = 0;
  private bytesHeld = 0;

  /** Records held. */
  get size(): number {
    return this.next - this.head;
  }

  /** Number of the oldest record. */
  get first(): number {
    return this.head;
  }

  /** Bytes of the records held. */
  get bytes(): number {
    return this.bytesHeld;
  }

  /** Appends a copy of `record` and returns its number. */
  push(record: Uint8Array): number {
    let block = this.blocks.at(-1);
    if (block === undefined || block.used + record.length > block.bytes.length) {
      const bytes = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, record.length));
      block = { bytes, first: this.next, offsets: [], used: 0 };
      this.blocks.push(block);
    }
    block.offsets.push(block.used);
    block.bytes.set(record, block.used);
    block.used += record.length;
    this.bytesHeld += record.length;
    return this.next++;
  }

  /** The record of this number, without a copy: valid until it is dropped. */
  get(number: number): Buffer {
    if (number < this.head || number >= this.next) throw new RangeError(`No record ${number}`);
    const block = this.blockOf(number);
    const index = number - block.first;
    return block.bytes.subarray(block.offsets[index], block.offsets[index + 1] ?? block.used);
  }

  /** Drops the oldest record. */
  shift(): void {
    this.bytesHeld -= this.get(this.head).length;
    this.head++;
    const block = this.blocks[0] as Block;
    if (this.head === block.first + block.offsets.length) this.blocks.shift();
  }

  private blockOf(number: number): Block {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.blocks[middle] as Block).first <= number) low = middle;
      else high = middle - 1;
    }
    return this.blocks[low] as Block;
  }
}
