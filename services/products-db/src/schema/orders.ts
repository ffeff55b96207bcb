import { LIMITS } from '@everopen/contract';
import type { ColumnSchema, TableSchema } from '@everopen/replica';

export type OrderRow = {
  readonly order_id: number;
  readonly order_key: string;
  readonly buyer_id: number;
  /** As `OrderState` in the proto file. */
  readonly state: number;
  /** JSON: see `order-lines.ts`. */
  readonly lines: string;
  readonly total_minor: number;
  readonly currency: string;
  readonly placed_at_ms: number;
  readonly payment_reference: string | null;
  readonly cancel_reason: string | null;
  /** JSON that the purchase flow reads; opaque here. */
  readonly cancel_details: string | null;
};

function refusalDetailsColumn(name: string): ColumnSchema {
  return {
    type: 'text',
    nullable: true,
    check: `length(${name}) <= ${LIMITS.refusalDetailsMaxBytes}`,
    comment: 'Message and details of the refusal, JSON in printable ASCII. NULL if it is the code alone.',
  };
}

const ORDER_COLUMNS: TableSchema<OrderRow>['columns'] = {
  order_id: { type: 'integer', check: 'order_id >= 1', comment: 'Given out in order, from 1 on.' },
  order_key: { type: 'text', comment: "The checkout's key: a version 7 UUID, unique for ever." },
  buyer_id: { type: 'integer', check: 'buyer_id >= 1', comment: 'The account in the customers database.' },
  state: {
    type: 'integer',
    check: 'state BETWEEN 1 AND 4',
    comment: '1 reserved, 2 paid, 3 recorded in the history, 4 cancelled.',
  },
  lines: {
    type: 'text',
    comment: 'JSON array of [item_id, quantity, unit_price_minor, seller_id, name]; never changes.',
  },
  total_minor: { type: 'integer', check: 'total_minor >= 1', comment: 'Sum of quantity × unit price.' },
  currency: { type: 'text', comment: 'ISO 4217 code, one for all lines.' },
  placed_at_ms: { type: 'integer', comment: 'Log time of the reservation, Unix milliseconds.' },
  payment_reference: {
    type: 'text',
    nullable: true,
    comment: "The charge in payment's ledger. NULL until paid.",
  },
  cancel_reason: { type: 'text', nullable: true, comment: 'Error code. NULL unless cancelled.' },
  cancel_details: refusalDetailsColumn('cancel_details'),
};

export const ORDERS: TableSchema<OrderRow> = {
  name: 'orders',
  comment: 'Open orders, and finished ones until their key expires (24 hours); held in memory too.',
  columns: ORDER_COLUMNS,
  primaryKey: ['order_id'],
  resident: true,
  storeIndexes: [['state', 'order_id']],
};

export const ARCHIVED_ORDERS: TableSchema<OrderRow> = {
  name: 'archived_orders',
  comment: 'Finished orders whose key has expired: moved here from orders, never changed again.',
  columns: ORDER_COLUMNS,
  primaryKey: ['order_id'],
  resident: false,
  storeIndexes: [['order_key']],
};

/** An order that never was and never will be. */
export type TombstoneRow = {
  readonly tombstone_id: number;
  readonly order_key: string;
  readonly reason: string | null;
  /** JSON that the purchase flow reads; opaque here. */
  readonly reason_details: string | null;
};

export const ORDER_TOMBSTONES: TableSchema<TombstoneRow> = {
  name: 'order_tombstones',
  comment:
    'Keys that were aborted before an order came. Kept until the key expires, which refuses it for ever.',
  columns: {
    tombstone_id: { type: 'integer', check: 'tombstone_id >= 1', comment: 'Given out in order, from 1 on.' },
    order_key: { type: 'text', comment: "The checkout's key." },
    reason: { type: 'text', nullable: true, comment: 'Error code. NULL if none was given.' },
    reason_details: refusalDetailsColumn('reason_details'),
  },
  primaryKey: ['tombstone_id'],
  resident: true,
};

export type ReservationsRow = {
  readonly buyer_id: number;
  readonly open_orders: number;
  readonly reserved_units: number;
};

export const BUYER_RESERVATIONS: TableSchema<ReservationsRow> = {
  name: 'buyer_reservations',
  comment: 'What each buyer holds in unpaid orders: caps keep anybody from emptying the shop unpaid.',
  columns: {
    buyer_id: { type: 'integer', comment: 'A buyer with an unpaid order; others have no row.' },
    open_orders: { type: 'integer', check: 'open_orders >= 1', comment: 'Orders that are reserved.' },
    reserved_units: { type: 'integer', check: 'reserved_units >= 1', comment: 'Units in them.' },
  },
  primaryKey: ['buyer_id'],
  resident: true,
};
