import type { TableSchema } from '@everopen/replica';

export type SellerRow = {
  readonly seller_id: number;
  readonly items_listed: number;
  readonly units_sold: number;
  readonly orders_paid: number;
};

export const SELLERS: TableSchema<SellerRow> = {
  name: 'sellers',
  comment: 'Counters of each seller who has listed something.',
  columns: {
    seller_id: { type: 'integer', comment: 'The account in the customers database.' },
    items_listed: { type: 'integer', check: 'items_listed >= 1', comment: 'Rows in items.' },
    units_sold: { type: 'integer', check: 'units_sold >= 0', comment: 'Units in paid orders.' },
    orders_paid: {
      type: 'integer',
      check: 'orders_paid >= 0',
      comment: 'Paid orders with an item of theirs.',
    },
  },
  primaryKey: ['seller_id'],
  resident: true,
};

export type RevenueRow = {
  readonly seller_id: number;
  readonly currency: string;
  readonly revenue_minor: number;
};

export const SELLER_REVENUE: TableSchema<RevenueRow> = {
  name: 'seller_revenue',
  comment: 'What paid orders brought each seller, by currency.',
  columns: {
    seller_id: { type: 'integer', comment: 'The seller.' },
    currency: { type: 'text', comment: 'ISO 4217 code.' },
    revenue_minor: {
      type: 'integer',
      check: 'revenue_minor >= 0',
      comment: 'In minor units; stays at 9007199254740991 (2^53 - 1) once it is there.',
    },
  },
  primaryKey: ['seller_id', 'currency'],
  resident: true,
};
