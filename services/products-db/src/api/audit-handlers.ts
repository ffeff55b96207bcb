import type { Item, ProductsServer } from '@everopen/contract/products';
import type { Replica } from '@everopen/replica';
import { replicaStatusMessage, type ServiceHandlers } from '@everopen/rpc';
import { itemMessage, orderMessage } from '../machine/messages.ts';
import { counter, type ProductsState } from '../machine/products-state.ts';
import { ORDERS_AFTER } from '../queries/order-queries.ts';
import type { OrderRow } from '../schema/orders.ts';
import { checkInteger } from '../validation/numbers.ts';
import { readSession } from './read-session.ts';

const ROWS_PER_READ = 500;

/**
 * What audits and operators ask. A stream reads piece by piece, each no older than the one before; it is
 * one consistent picture only if nothing is written meanwhile.
 */
export function auditHandlers(
  replica: Replica,
  state: ProductsState,
): Pick<ServiceHandlers<ProductsServer>, 'getStatus' | 'streamItems' | 'streamOrders'> {
  return {
    getStatus: (_request, call) => {
      const status = replicaStatusMessage(replica);
      call.setPosition(status.position);
      return Promise.resolve(status);
    },

    // Ids are dense and items are never deleted, so memory can be read by counting.
    streamItems: async function* (request, call) {
      let after = checkInteger(request.afterItemId, 'after_item_id', 0, Number.MAX_SAFE_INTEGER);
      const session = readSession(replica, call);
      let items: Item[];
      do {
        items = await session.read(() => itemsAfter(state, after));
        if (call.cancelled) return;
        yield* items;
        after += items.length;
      } while (items.length === ROWS_PER_READ);
    },

    streamOrders: async function* (request, call) {
      let after = checkInteger(request.afterOrderId, 'after_order_id', 0, Number.MAX_SAFE_INTEGER);
      const session = readSession(replica, call);
      let orders: OrderRow[];
      do {
        orders = (await session.query(ORDERS_AFTER, { after, limit: ROWS_PER_READ })) as OrderRow[];
        if (call.cancelled) return;
        yield* orders.map(orderMessage);
        after = orders.at(-1)?.order_id ?? after;
      } while (orders.length === ROWS_PER_READ);
    },
  };
}

function itemsAfter(state: ProductsState, after: number): Item[] {
  const last = Math.min(after + ROWS_PER_READ, counter(state, 'items'));
  const items: Item[] = [];
  for (let itemId = after + 1; itemId <= last; itemId++) {
    const row = state.items.get(itemId);
    if (row === undefined) throw new Error(`Item ${itemId} was given out, and is gone`);
    items.push(itemMessage(row));
  }
  return items;
}
