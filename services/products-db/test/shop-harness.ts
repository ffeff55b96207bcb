import { createMachineHarness, type MachineHarness } from '@everopen/replica/testing';
import {
  Condition,
  CountFeedbackResponse,
  Item,
  ListItemResponse,
  Order,
  ProductsCommand,
  type ListItemRequest,
  type OrderLine,
} from '@everopen/contract/products';
import { formatUuid, seededRandom, uuidV7, type CodedError } from '@everopen/core';
import { itemMessage } from '../src/machine/messages.ts';
import { ProductsMachine } from '../src/machine/products-machine.ts';
import type { Command } from '../src/validation/encode-command.ts';

export type LineRequest = Pick<OrderLine, 'itemId' | 'quantity' | 'unitPriceMinor'> & { currency?: string };

/** The products machine without log or store, spoken to in messages. */
export interface ShopHarness {
  readonly machine: ProductsMachine;
  /** The machine's harness: log time, rows, reload. */
  readonly harness: MachineHarness;
  list(change?: Partial<ListItemRequest>): ListItemResponse;
  item(itemId: number): Item;
  changePrice(sellerId: number, itemId: number, priceMinor: number): Item;
  addUnits(sellerId: number, itemId: number, quantity: number): Item;
  removeUnits(sellerId: number, itemId: number, quantity: number): Item;
  place(orderKey: string, buyerId: number, lines: readonly LineRequest[]): Order;
  confirm(orderKey: string, paymentReference?: string): Order;
  cancel(orderKey: string, reason?: string, reasonDetails?: string): Order;
  abort(orderKey: string, reason?: string, reasonDetails?: string): Order;
  record(orderKey: string): Order;
  feedback(feedbackNumber: number, itemId: number, thumbsUp: boolean): number;
  /** A new order key of this moment of log time, or another. */
  key(unixMs?: number): string;
  /** Runs a command that must be refused with this code, and checks that nothing changed. */
  refused(code: string, attempt: () => unknown): CodedError;
}

export const GUITAR: ListItemRequest = {
  sellerId: 7,
  name: 'Red electric guitar',
  category: 3,
  keywords: ['music', 'guitar'],
  condition: Condition.USED,
  priceMinor: 25_000,
  currency: 'EUR',
  quantity: 10,
};

export function openShop(): ShopHarness {
  const machine = new ProductsMachine();
  const harness = createMachineHarness(machine);
  const random = seededRandom(1);
  const run = (command: Command): Uint8Array => harness.answer(ProductsCommand.encode({ command }).finish());
  const units = (sellerId: number, itemId: number, quantity: number) => ({ sellerId, itemId, quantity });

  return {
    machine,
    harness,
    list: (change = {}) =>
      ListItemResponse.decode(run({ $case: 'listItem', value: { ...GUITAR, ...change } })),
    item: (itemId) => {
      const row = machine.state.items.get(itemId);
      if (row === undefined) throw new Error(`There is no item ${itemId}`);
      return itemMessage(row);
    },
    changePrice: (sellerId, itemId, priceMinor) =>
      Item.decode(run({ $case: 'changePrice', value: { sellerId, itemId, priceMinor } })),
    addUnits: (...change) => Item.decode(run({ $case: 'addUnits', value: units(...change) })),
    removeUnits: (...change) => Item.decode(run({ $case: 'removeUnits', value: units(...change) })),
    place: (orderKey, buyerId, lines) => {
      const full = lines.map((line) => ({ currency: 'EUR', sellerId: 0, name: '', ...line }));
      return Order.decode(run({ $case: 'placeOrder', value: { orderKey, buyerId, lines: full } }));
    },
    confirm: (orderKey, paymentReference = 'charge-1') =>
      Order.decode(run({ $case: 'confirmOrder', value: { orderKey, paymentReference } })),
    cancel: (orderKey, reason = 'PaymentDeclined', reasonDetails = '') =>
      Order.decode(run({ $case: 'cancelOrder', value: { orderKey, reason, reasonDetails } })),
    abort: (orderKey, reason = 'OutOfStock', reasonDetails = '') =>
      Order.decode(run({ $case: 'abortOrder', value: { orderKey, reason, reasonDetails } })),
    record: (orderKey) => Order.decode(run({ $case: 'markOrderRecorded', value: { orderKey } })),
    feedback: (feedbackNumber, itemId, thumbsUp) => {
      const value = { feedbackNumber, itemId, thumbsUp };
      return CountFeedbackResponse.decode(run({ $case: 'countFeedback', value })).countedUpTo;
    },
    key: (unixMs?: number) => formatUuid(uuidV7(unixMs ?? harness.nowMs, random)),
    refused: (code: string, attempt: () => unknown) => {
      const before = machine.tables.digest();
      let error: unknown;
      try {
        attempt();
      } catch (thrown) {
        error = thrown;
      }
      if ((error as CodedError | undefined)?.code !== code) {
        throw new Error(`Should have been refused with ${code}`, { cause: error });
      }
      if (machine.tables.digest() !== before) throw new Error('A refused command changed something');
      return error as CodedError;
    },
  };
}
