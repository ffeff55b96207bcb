/**
 * Reads without a message: what the token says at the first visit after a read began covers everything that was
 * acknowledged before; at the visit after that, every member has passed the token on since, so none of them had left for
 * a newer ring when the read began.
 */
export class ReadRotation {
  private fresh: number[] = [];
  private rotating: number[] = [];
  private need = 0;

  get waiting(): boolean {
    return this.fresh.length + this.rotating.length > 0;
  }

  add(id: number): void {
    this.fresh.push(id);
  }

  /** All of them, when there is nobody else to ask. */
  all(): number[] {
    return this.fresh.splice(0);
  }

  /** @param seq the token's, as it is passed on */
  visit(seq: number, atOnce: boolean): { confirmed: readonly number[]; need: number; open: boolean } {
    const confirmed = atOnce ? this.fresh : this.rotating;
    const need = atOnce ? seq : this.need;
    this.rotating = atOnce ? [] : this.fresh;
    this.fresh = [];
    this.need = seq;
    return { confirmed, need, open: this.rotating.length > 0 };
  }
}
