import { Tables, type MemoryIndex, type ResidentTable, type StoredTable } from '@everopen/replica';
import { COUNTERS, type CounterName, type CounterRow } from '../schema/counters.ts';
import { ITEMS, type ItemRow } from '../schema/items.ts';
import {
  ARCHIVED_ORDERS,
  BUYER_RESERVATIONS,
  ORDERS,
  ORDER_TOMBSTONES,
  type OrderRow,
  type ReservationsRow,
  type TombstoneRow,
} from '../schema/orders.ts';
import { ITEMS_FOR_SALE, SEARCH_TERMS, type ForSaleRow, type SearchTermRow } from '../schema/search.ts';
import { SELLERS, SELLER_REVENUE, type RevenueRow, type SellerRow } from '../schema/sellers.ts';
import { listingKey } from './listing-key.ts';

/** All that the products database knows, as tables and indexes in memory. */
export interface ProductsState {
  readonly tables: Tables;
  readonly items: ResidentTable<ItemRow>;
  /** Items by what makes two listings equal (M9); the oldest of equal ones comes first. */
  readonly itemsByListing: MemoryIndex<ItemRow, string>;
  readonly itemsForSale: StoredTable<ForSaleRow>;
  readonly searchTerms: StoredTable<SearchTermRow>;
  readonly orders: ResidentTable<OrderRow>;
  readonly ordersByKey: MemoryIndex<OrderRow, string>;
  readonly archivedOrders: StoredTable<OrderRow>;
  readonly tombstones: ResidentTable<TombstoneRow>;
  readonly tombstonesByKey: MemoryIndex<TombstoneRow, string>;
  readonly reservations: ResidentTable<ReservationsRow>;
  readonly sellers: ResidentTable<SellerRow>;
  readonly revenue: ResidentTable<RevenueRow>;
  readonly counters: ResidentTable<CounterRow>;
}

export function createProductsState(): ProductsState {
  const tables = new Tables();
  const items = tables.resident(ITEMS);
  const orders = tables.resident(ORDERS);
  const tombstones = tables.resident(ORDER_TOMBSTONES);
  return {
    tables,
    items,
    itemsByListing: tables.index(items, listingKey),
    itemsForSale: tables.stored(ITEMS_FOR_SALE),
    searchTerms: tables.stored(SEARCH_TERMS),
    orders,
    ordersByKey: tables.index(orders, (order) => order.order_key),
    archivedOrders: tables.stored(ARCHIVED_ORDERS),
    tombstones,
    tombstonesByKey: tables.index(tombstones, (tombstone) => tombstone.order_key),
    reservations: tables.resident(BUYER_RESERVATIONS),
    sellers: tables.resident(SELLERS),
    revenue: tables.resident(SELLER_REVENUE),
    counters: tables.resident(COUNTERS),
  };
}

export function counter(state: ProductsState, name: CounterName): number {
  return state.counters.get(name)?.value ?? 0;
}

export function setCounter(state: ProductsState, name: CounterName, value: number): void {
  state.counters.put({ name, value });
}

/** The next id of a kind: integers from 1 on, in the order of the log. */
export function nextId(state: ProductsState, name: 'items' | 'orders' | 'tombstones'): number {
  const id = counter(state, name) + 1;
  setCounter(state, name, id);
  return id;
}
