import { CodedError } from '@everopen/core';

/** Cuts a byte stream into lines; one longer than the limit is `PayloadTooLarge`. */
export class LineReader {
  private readonly maxBytes: number;
  private rest = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** The lines that these bytes complete, without their ends. */
  push(bytes: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      const line = Buffer.concat([this.rest, bytes.subarray(from, end)]);
      this.throwIfLong(line.length);
      lines.push(line.toString('utf8').replace(/\r$/, ''));
      this.rest = Buffer.alloc(0);
      from = end + 1;
    }
    this.rest = Buffer.concat([this.rest, bytes.subarray(from)]);
    this.throwIfLong(this.rest.length);
    return lines;
  }

  private throwIfLong(length: number): void {
    if (length <= this.maxBytes) return;
    throw new CodedError('PayloadTooLarge', `A line is longer than ${this.maxBytes} bytes`);
  }
}
