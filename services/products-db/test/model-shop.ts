import { LIMITS } from '@everopen/contract';

/**
 * The shop's rules once more, as a reader of the requirements would write them: plain maps, sums made anew
 * each time, no tables, no indexes, no archive. Answers with what must come out, or the code of the refusal.
 */
export type Expected<T> = { readonly ok: T } | { readonly refused: string };

export interface ModelItem {
  readonly sellerId: number;
  readonly listing: string;
  priceMinor: number;
  available: number;
  initial: number;
  added: number;
  removed: number;
  thumbs: number;
}

export interface ModelLine {
  readonly itemId: number;
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

export interface ModelOrder {
  readonly buyerId: number;
  readonly lines: readonly ModelLine[];
  state: 'reserved' | 'paid' | 'recorded' | 'cancelled';
  /** Of a cancelled order: the refusal it was cancelled for, as one text. */
  refusal?: string;
}

const DAY_MS = 24 * 60 * 60_000;

export class ModelShop {
  readonly items: ModelItem[] = [];
  readonly orders = new Map<string, ModelOrder>();
  /** By key, the refusal that each was made for. */
  readonly tombstones = new Map<string, string>();
  feedback = 0;

  list(sellerId: number, listing: string, priceMinor: number, quantity: number): Expected<number> {
    const equal = this.items.findIndex(
      (item) => item.sellerId === sellerId && item.listing === listing && item.priceMinor === priceMinor,
    );
    if (equal >= 0) {
      const added = this.add(sellerId, equal + 1, quantity);
      return 'ok' in added ? { ok: equal + 1 } : added;
    }
    const counts = { available: quantity, initial: quantity, added: 0, removed: 0, thumbs: 0 };
    this.items.push({ sellerId, listing, priceMinor, ...counts });
    return { ok: this.items.length };
  }

  price(sellerId: number, itemId: number, priceMinor: number): Expected<null> {
    return this.own(sellerId, itemId, (item) => {
      item.priceMinor = priceMinor;
      return { ok: null };
    });
  }

  add(sellerId: number, itemId: number, quantity: number): Expected<null> {
    return this.own(sellerId, itemId, (item) => {
      if (item.available + this.units(itemId, 'reserved') + quantity > LIMITS.unitsPerItem) {
        return { refused: 'QuotaExceeded' };
      }
      item.available += quantity;
      item.added += quantity;
      return { ok: null };
    });
  }

  remove(sellerId: number, itemId: number, quantity: number): Expected<null> {
    return this.own(sellerId, itemId, (item) => {
      if (quantity > item.available) return { refused: 'NotEnoughUnits' };
      item.available -= quantity;
      item.removed += quantity;
      return { ok: null };
    });
  }

  place(
    key: string,
    ageMs: number,
    buyerId: number,
    lines: readonly ModelLine[],
  ): Expected<ModelOrder['state']> {
    if (ageMs > DAY_MS) return { refused: 'KeyExpired' };
    const placed = this.orders.get(key);
    if (placed !== undefined) {
      const isSame = placed.buyerId === buyerId && JSON.stringify(placed.lines) === JSON.stringify(lines);
      return isSame ? { ok: placed.state } : { refused: 'KeyReused' };
    }
    if (this.tombstones.has(key)) return { refused: 'OrderAborted' };
    if (lines.some((line) => this.items[line.itemId - 1] === undefined)) return { refused: 'NotFound' };
    const itemOf = (line: ModelLine) => this.items[line.itemId - 1] as ModelItem;
    if (lines.some((line) => itemOf(line).priceMinor !== line.unitPriceMinor)) {
      return { refused: 'PriceChanged' };
    }
    if (lines.some((line) => itemOf(line).available < line.quantity)) return { refused: 'OutOfStock' };
    const open = [...this.orders.values()].filter(
      (order) => order.buyerId === buyerId && order.state === 'reserved',
    );
    const held = [...open.flatMap((order) => order.lines), ...lines];
    const units = held.reduce((sum, line) => sum + line.quantity, 0);
    if (open.length >= LIMITS.openOrdersPerBuyer || units > LIMITS.reservedUnitsPerBuyer) {
      return { refused: 'QuotaExceeded' };
    }
    for (const line of lines) itemOf(line).available -= line.quantity;
    this.orders.set(key, { buyerId, lines, state: 'reserved' });
    return { ok: 'reserved' };
  }

  confirm(key: string): Expected<ModelOrder['state']> {
    return this.step(key, 'OrderAborted', (order) => {
      if (order.state === 'cancelled') return { refused: 'OrderAborted' };
      if (order.state === 'reserved') order.state = 'paid';
      return { ok: order.state };
    });
  }

  cancel(key: string, refusal: string): Expected<ModelOrder['state']> {
    return this.step(key, 'cancelled', (order) => {
      if (order.state === 'paid' || order.state === 'recorded') return { refused: 'WrongOrderState' };
      if (order.state === 'reserved') {
        for (const line of order.lines) (this.items[line.itemId - 1] as ModelItem).available += line.quantity;
        order.refusal = refusal;
      }
      order.state = 'cancelled';
      return { ok: order.state };
    });
  }

  record(key: string): Expected<ModelOrder['state']> {
    return this.step(key, 'WrongOrderState', (order) => {
      if (order.state !== 'paid' && order.state !== 'recorded') return { refused: 'WrongOrderState' };
      order.state = 'recorded';
      return { ok: order.state };
    });
  }

  abort(key: string, refusal: string): Expected<ModelOrder['state']> {
    const order = this.orders.get(key);
    if (order !== undefined) return { ok: order.state };
    if (!this.tombstones.has(key)) this.tombstones.set(key, refusal);
    return { ok: 'cancelled' };
  }

  rate(number: number, itemId: number, thumbsUp: boolean): Expected<number> {
    if (number <= this.feedback) return { ok: this.feedback };
    if (number > this.feedback + 1) return { refused: 'InvalidArgument' };
    const item = this.items[itemId - 1];
    if (item === undefined) return { refused: 'NotFound' };
    item.thumbs += thumbsUp ? 1 : -1;
    return { ok: ++this.feedback };
  }

  /** Units of an item in orders of these states. */
  units(itemId: number, ...states: ModelOrder['state'][]): number {
    return [...this.orders.values()]
      .filter((order) => states.includes(order.state))
      .flatMap((order) => order.lines)
      .filter((line) => line.itemId === itemId)
      .reduce((sum, line) => sum + line.quantity, 0);
  }

  private own(sellerId: number, itemId: number, change: (item: ModelItem) => Expected<null>): Expected<null> {
    const item = this.items[itemId - 1];
    if (item === undefined) return { refused: 'NotFound' };
    return item.sellerId === sellerId ? change(item) : { refused: 'NotOwner' };
  }

  private step(
    key: string,
    ofTombstone: 'cancelled' | 'OrderAborted' | 'WrongOrderState',
    take: (order: ModelOrder) => Expected<ModelOrder['state']>,
  ): Expected<ModelOrder['state']> {
    const order = this.orders.get(key);
    if (order !== undefined) return take(order);
    if (!this.tombstones.has(key)) return { refused: 'NotFound' };
    return ofTombstone === 'cancelled' ? { ok: 'cancelled' } : { refused: ofTombstone };
  }
}
