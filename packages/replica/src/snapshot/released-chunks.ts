/**
 * Chunks whose source is released however their reader ends: also one that ends before it has begun, which a
 * generator alone would not notice.
 */
export class ReleasedChunks implements AsyncIterable<Uint8Array> {
  private readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
  private readonly release: () => Promise<void>;
  private begun = false;

  /**
   * @param chunks releases the source itself once it was begun
   * @param release called if it never is
   */
  constructor(chunks: AsyncGenerator<Uint8Array, void, undefined>, release: () => Promise<void>) {
    this.chunks = chunks;
    this.release = release;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => {
        this.begun = true;
        return this.chunks.next();
      },
      return: async () => {
        const unread = !this.begun;
        this.begun = true;
        if (unread) await this.release();
        return this.chunks.return();
      },
    };
  }
}
